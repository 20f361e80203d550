/// Removes a tool's config; its deployments stay.
struct RemoveConfig: Sendable {
    let configs: any ToolConfigStore

    /// See `ComponentsOperations.removeConfig(of:if:)`.
    func callAsFunction(
        _ tool: ToolName, if precondition: ConfigPrecondition
    ) async throws(ComponentsError) -> ConfigRecord {
        let removal = try await asking(about: .config(of: tool), try await configs.remove(tool, if: precondition))
        switch removal {
        case .removed(let record):
            return record
        case .absent:
            try await configs.requireTool(tool)
            throw .configMissing(tool)
        case .refused(let failure):
            throw .preconditionFailed(tool, failure)
        }
    }
}
