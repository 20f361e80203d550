/// Removes a deployment that is not wanted any more.
struct RemoveDeployment: Sendable {
    let configs: any ToolConfigStore
    let store: any DeploymentStore
    let remover: DeploymentRemover

    /// See `ComponentsOperations.removeDeployment(_:of:)`.
    func callAsFunction(_ id: String, of tool: ToolName) async throws(ComponentsError) -> Deployment {
        let subject = OperationSubject.deployment(DeploymentIdentity(id: id, tool: tool))
        if DeploymentNames.isDeployment(id, of: tool),
            let found = try await asking(about: subject, try await find(id, of: tool))
        {
            try await asking(about: subject, try await remover.remove(found.entry, of: tool))
            return found.record?.deployment
                ?? Deployment(id: id, createdAt: found.entry.requestedAt, builds: [], phase: .failed)
        }
        try await configs.requireTool(tool)
        throw .deploymentMissing(tool, id: id)
    }

    /// What has that id, a record or not.
    private func find(_ id: String, of tool: ToolName) async throws(ClusterFailure) -> ListedRecord? {
        do {
            return try await store.read(id, of: tool).map { ListedRecord(entry: $0.entry, record: $0) }
        } catch .unreadable {
            return try await store.list(tool).first { $0.id == id }.map { ListedRecord(entry: $0, record: nil) }
        }
    }
}
