/// Lists a tool's deployments as they are stored, the newest first.
struct ListDeployments: Sendable {
    let configs: any ToolConfigStore
    let store: any DeploymentStore

    /// See `ComponentsOperations.deployments(of:)`.
    func callAsFunction(_ tool: ToolName) async throws(ComponentsError) -> [ListedDeployment] {
        let stored = try await asking(about: .deployments(of: tool), try await store.listRecords(tool))
        if stored.isEmpty { try await configs.requireTool(tool) }
        let byID = Dictionary(stored.map { ($0.entry.id, $0) }) { first, _ in first }
        return Retention(stored.map(\.entry)).newestFirst.compactMap { entry in
            byID[entry.id].map { $0.record.map { .deployment($0.deployment) } ?? .unreadable(id: entry.id) }
        }
    }

    /// See `ComponentsOperations.latestDeploymentID(of:)`.
    func latest(of tool: ToolName) async throws(ComponentsError) -> String {
        let entries = try await asking(about: .deployments(of: tool), try await store.list(tool))
            .filter { DeploymentNames.isDeployment($0.id, of: tool) }
        if let newest = Retention(entries).newestFirst.first { return newest.id }
        try await configs.requireTool(tool)
        throw .noDeployments(tool)
    }
}
