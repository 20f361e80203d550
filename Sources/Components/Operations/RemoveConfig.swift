/// Removes a tool's config; its deployments stay.
struct RemoveConfig: Sendable {
    let configs: any ToolConfigStore
    let lookup: ConfigLookup

    /// See `ComponentsOperations.removeConfig(of:if:)`.
    func callAsFunction(
        _ tool: ToolName, if precondition: ConfigPrecondition
    ) async throws(ComponentsError) -> RemovedConfig {
        let removal = try await asking(about: .config(of: tool), try await configs.remove(tool, if: precondition))
        switch removal {
        case .removed(let record):
            // The removal has happened, whatever comes of this.
            let next = (try? await lookup.imported(tool)) ?? nil
            return RemovedConfig(record: record, isFollowedByImport: next != nil)
        case .absent:
            guard try await asking(about: .config(of: tool), try await lookup.imported(tool)) == nil else {
                throw .configImported(tool)
            }
            try await configs.requireTool(tool)
            throw .configMissing(tool)
        case .refused(let failure):
            throw .preconditionFailed(tool, failure)
        }
    }
}
