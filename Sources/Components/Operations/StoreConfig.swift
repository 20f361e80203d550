import JSON

/// Checks a config and stores it as given.
struct StoreConfig: Sendable {
    let configs: any ToolConfigStore

    /// See `ComponentsOperations.store(config:for:if:)`.
    func callAsFunction(
        _ document: JSONValue, for tool: ToolName, if precondition: ConfigPrecondition
    ) async throws(ComponentsError) -> StoredConfig {
        let reader = ConfigReader(document)
        guard reader.config != nil else { throw .configInvalid(reader.problems, warnings: reader.warnings) }
        let write = try await asking(
            about: .config(of: tool), try await configs.write(document, for: tool, if: precondition))
        switch write {
        case .stored(let record):
            return StoredConfig(record: record, warnings: reader.warnings)
        case .refused(let failure):
            if failure == .missing { try await configs.requireTool(tool) }
            throw .preconditionFailed(tool, failure)
        }
    }

    /// See `ComponentsOperations.check(config:for:if:)`.
    func check(
        _ document: JSONValue, for tool: ToolName, if precondition: ConfigPrecondition
    ) async throws(ComponentsError) -> [String] {
        let reader = ConfigReader(document)
        guard reader.config != nil else { throw .configInvalid(reader.problems, warnings: reader.warnings) }
        let stored = try await asking(about: .config(of: tool), try await configs.read(tool))
        if stored == nil { try await configs.requireTool(tool) }
        if let failure = precondition.failure(for: stored?.version) { throw .preconditionFailed(tool, failure) }
        return reader.warnings
    }
}
