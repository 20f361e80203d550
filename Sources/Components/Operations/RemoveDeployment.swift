/// Removes a deployment that is not wanted any more.
struct RemoveDeployment: Sendable {
    let configs: any ToolConfigStore
    let store: any DeploymentStore
    let remover: DeploymentRemover

    /// See `ComponentsOperations.removeDeployment(_:of:)`.
    func callAsFunction(_ id: String, of tool: ToolName) async throws(ComponentsError) -> Deployment {
        let subject = OperationSubject.deployment(DeploymentIdentity(id: id, tool: tool))
        if DeploymentNames.isDeployment(id, of: tool),
            let record = try await asking(about: subject, try await store.read(id, of: tool))
        {
            try await asking(about: subject, try await remover.remove(record.entry, of: tool))
            return record.deployment
        }
        try await configs.requireTool(tool)
        throw .deploymentMissing(tool, id: id)
    }
}
