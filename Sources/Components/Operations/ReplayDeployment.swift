/// Finds the deployment that an earlier request with the same key started.
struct ReplayDeployment: Sendable {
    /// The waits for the request that has made a record to decide whether it stays: 16 s in all, which is longer than
    /// `DeploymentLimits.firstStatus`.
    private static let delays =
        [.milliseconds(100), .milliseconds(200), .milliseconds(400), .milliseconds(800)]
        + Array(repeating: Duration.milliseconds(1_450), count: 10)

    let store: any DeploymentStore
    let driver: DeploymentDriver
    let clock: any ClusterClock

    /// The recorded deployment, brought up to date as by any `GET`, which finishes what a crash cut short; `nil` if there
    /// is none.
    ///
    /// One that rejects overlaps is awaited until it is decided whether it stays.
    ///
    /// - Throws: `ComponentsError.keyTaken` if it was asked for with other options.
    func callAsFunction(
        _ keyed: DeploymentIdentity, _ options: DeploymentOptions
    ) async throws(ComponentsError) -> StartedDeployment? {
        let subject = OperationSubject.deployment(keyed)
        guard let record = try await decided(keyed) else { return nil }
        guard record.request.options == options else { throw .keyTaken(id: keyed.id) }
        guard let current = try await asking(about: subject, try await driver.bringUpToDate(record)) else {
            throw .superseded(id: keyed.id)
        }
        return StartedDeployment(deployment: current.deployment, isReplay: true)
    }

    /// The record; `nil` if there is none, or if it was taken back.
    private func decided(_ keyed: DeploymentIdentity) async throws(ComponentsError) -> DeploymentRecord? {
        var record = try await read(keyed)
        for delay in Self.delays where record?.mayBeTakenBack(at: clock.now()) == true {
            await clock.sleep(for: delay)
            record = try await read(keyed)
        }
        return record
    }

    private func read(_ keyed: DeploymentIdentity) async throws(ComponentsError) -> DeploymentRecord? {
        try await asking(about: .deployment(keyed), try await store.read(keyed.id, of: keyed.tool))
    }

    /// Whether there is one.
    func isRecorded(_ keyed: DeploymentIdentity) async throws(ComponentsError) -> Bool {
        try await read(keyed) != nil
    }
}
