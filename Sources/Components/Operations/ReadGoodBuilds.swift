/// Reads the newest good build of each component of a tool.
struct ReadGoodBuilds: Sendable {
    let configs: any ToolConfigStore
    let store: any ToolBuildsStore

    /// See `ComponentsOperations.goodBuilds(of:)`.
    func callAsFunction(_ tool: ToolName) async throws(ComponentsError) -> ToolBuilds {
        let stored = try await asking(about: .goodBuilds(of: tool), try await store.readBuilds(of: tool))
        if let stored { return stored.builds }
        try await configs.requireTool(tool)
        return ToolBuilds()
    }
}
