/// Reads the config that counts for a tool, as it is stored.
struct ReadConfig: Sendable {
    let configs: any ToolConfigStore
    let lookup: ConfigLookup

    /// See `ComponentsOperations.config(of:)`.
    func callAsFunction(_ tool: ToolName) async throws(ComponentsError) -> ConfigRecord {
        if let stored = try await asking(about: .config(of: tool), try await lookup(tool)) { return stored }
        try await configs.requireTool(tool)
        throw .configMissing(tool)
    }
}

extension ToolConfigStore {
    /// Throws if there is no such tool.
    ///
    /// Called only after something was not found, because it costs a call to the cluster.
    func requireTool(_ tool: ToolName) async throws(ComponentsError) {
        guard try await asking(about: .tool(tool), try await toolExists(tool)) else {
            throw .cluster(.toolMissing, about: .tool(tool))
        }
    }
}
