/// Answers for a deployment that was asked for before with the same key.
struct DeploymentReplayer: Sendable {
    let store: any DeploymentStore
    let driver: DeploymentDriver

    /// The deployment that is recorded, brought up to date as by any look at it, so that what a crash cut short is
    /// finished; `nil` if there is none.
    func replay(_ keyed: DeploymentIdentity) async throws(ComponentsError) -> StartedDeployment? {
        guard let record = try await read(keyed) else { return nil }
        let current: DeploymentRecord?
        do {
            current = try await driver.bringUpToDate(record)
        } catch {
            throw ComponentsError(error, tool: keyed.tool, what: "the deployment \(keyed.id)")
        }
        guard let current else { throw .superseded(id: keyed.id) }
        return StartedDeployment(deployment: current.deployment, isReplay: true)
    }

    /// Whether there is one.
    func isRecorded(_ keyed: DeploymentIdentity) async throws(ComponentsError) -> Bool {
        try await read(keyed) != nil
    }

    private func read(_ keyed: DeploymentIdentity) async throws(ComponentsError) -> DeploymentRecord? {
        do {
            return try await store.read(keyed.id, of: keyed.tool)
        } catch {
            throw ComponentsError(error, tool: keyed.tool, what: "the deployment \(keyed.id)")
        }
    }
}
