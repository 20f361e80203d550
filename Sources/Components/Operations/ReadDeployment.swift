/// Reads a deployment and brings it up to date with its builds.
struct ReadDeployment: Sendable {
    let configs: any ToolConfigStore
    let store: any DeploymentStore
    let driver: DeploymentDriver

    /// See `ComponentsOperations.deployment(_:of:)`.
    func callAsFunction(_ id: String, of tool: ToolName) async throws(ComponentsError) -> Deployment {
        try await record(id, of: tool).deployment
    }

    /// The same, as it is stored.
    func record(_ id: String, of tool: ToolName) async throws(ComponentsError) -> DeploymentRecord {
        let identity = DeploymentIdentity(id: id, tool: tool)
        if DeploymentNames.isDeployment(id, of: tool),
            let current = try await asking(about: .deployment(identity), try await current(identity))
        {
            return current
        }
        try await configs.requireTool(tool)
        throw .deploymentMissing(tool, id: id)
    }

    /// The same without a word on what is missing; `nil` if it is not there.
    func current(_ identity: DeploymentIdentity) async throws(ClusterFailure) -> DeploymentRecord? {
        guard let record = try await store.read(identity.id, of: identity.tool) else { return nil }
        return try await driver.bringUpToDate(record)
    }
}
