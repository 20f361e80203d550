import Synchronization

@testable import Components

/// What one process's watches have told it: the world as it was at some moment.
final class SimulatedFeed: DeploymentFeed {
    private let known = Mutex<(records: [String: DeploymentRecord], builds: [String: BuildObservation])>(([:], [:]))

    func record(of deployment: DeploymentIdentity) -> DeploymentRecord? {
        known.withLock { $0.records[deployment.id] }
    }

    func observation(of build: PlannedBuild, of deployment: DeploymentIdentity) -> BuildObservation? {
        known.withLock { $0.builds[build.id] }
    }

    func stored(_ record: DeploymentRecord) {
        known.withLock { $0.records[record.request.identity.id] = record.phase.isTerminal ? nil : record }
    }

    func set(_ records: [String: DeploymentRecord], _ runs: [String: World.Run]) {
        known.withLock { known in
            known.records = records.filter { !$0.value.phase.isTerminal }
            known.builds = runs.mapValues(\.observation)
        }
    }
}
