/// Ends a deployment before its builds end by themselves.
struct CancelDeployment: Sendable {
    let configs: any ToolConfigStore
    let store: any DeploymentStore
    let driver: DeploymentDriver

    /// See `ComponentsOperations.cancelDeployment(_:of:by:)`.
    func callAsFunction(
        _ id: String, of tool: ToolName, by person: String?
    ) async throws(ComponentsError) -> Deployment {
        let identity = DeploymentIdentity(id: id, tool: tool)
        let subject = OperationSubject.deployment(identity)
        if DeploymentNames.isDeployment(id, of: tool),
            let record = try await asking(about: subject, try await store.read(id, of: tool)),
            let stopped = try await asking(
                about: subject,
                try await driver.stop(record, reason: .cancelled, by: person ?? "the tool \(tool)"))
        {
            guard stopped.status.stop?.reason == .cancelled else { throw .deploymentEnded(stopped.deployment) }
            return stopped.deployment
        }
        try await configs.requireTool(tool)
        throw .deploymentMissing(tool, id: id)
    }
}
