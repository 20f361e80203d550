/// Finds the deployment that an earlier request with the same key started.
struct ReplayDeployment: Sendable {
    let store: any DeploymentStore
    let driver: DeploymentDriver
    let clock: any ClusterClock

    /// The recorded deployment, brought up to date as by any `GET`, which finishes what a crash cut short; `nil` if there
    /// is none.
    ///
    /// - Throws: `ComponentsError.keyTaken` if it was asked for with other options; `undecided` if its request may still take it
    ///   back.
    func callAsFunction(
        _ keyed: DeploymentIdentity, _ options: DeploymentOptions
    ) async throws(ComponentsError) -> StartedDeployment? {
        let subject = OperationSubject.deployment(keyed)
        guard let record = try await read(keyed) else { return nil }
        guard record.request.options == options else { throw .keyTaken(id: keyed.id) }
        guard !record.mayBeTakenBack(at: clock.now()) else { throw .undecided(id: keyed.id) }
        guard let current = try await asking(about: subject, try await driver.bringUpToDate(record)) else {
            throw .superseded(id: keyed.id)
        }
        return StartedDeployment(deployment: current.deployment, isReplay: true)
    }

    /// Whether there is one.
    func isRecorded(_ keyed: DeploymentIdentity) async throws(ComponentsError) -> Bool {
        try await read(keyed) != nil
    }

    private func read(_ keyed: DeploymentIdentity) async throws(ComponentsError) -> DeploymentRecord? {
        try await asking(about: .deployment(keyed), try await store.read(keyed.id, of: keyed.tool))
    }
}
