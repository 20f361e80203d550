/// Reads a deployment and brings it up to date with its builds.
struct ReadDeployment: Sendable {
    let configs: any ToolConfigStore
    let store: any DeploymentStore
    let driver: DeploymentDriver

    /// See `ComponentsOperations.deployment(_:of:)`.
    func callAsFunction(_ id: String, of tool: ToolName) async throws(ComponentsError) -> Deployment {
        try await record(id, of: tool, isDriven: true).deployment
    }

    /// The same, as it is stored.
    ///
    /// - Parameter isDriven: whether it is brought up to date, which takes a call for each unfinished build.
    func record(
        _ id: String, of tool: ToolName, isDriven: Bool
    ) async throws(ComponentsError) -> DeploymentRecord {
        let identity = DeploymentIdentity(id: id, tool: tool)
        if DeploymentNames.isDeployment(id, of: tool),
            let current = try await asking(
                about: .deployment(identity), try await current(identity, isDriven: isDriven))
        {
            return current
        }
        try await configs.requireTool(tool)
        throw .deploymentMissing(tool, id: id)
    }

    /// The same without a word on what is missing; `nil` if it is not there.
    func current(
        _ identity: DeploymentIdentity, isDriven: Bool
    ) async throws(ClusterFailure) -> DeploymentRecord? {
        guard let record = try await store.read(identity.id, of: identity.tool) else { return nil }
        guard isDriven else { return record }
        return try await driver.bringUpToDate(record)
    }
}
