import Synchronization

/// Waits for one build of a deployment to begin, by following the deployment: all who wait for it share its looks.
final class WaitingBuild: BuildLogWait {
    private struct State {
        var follower: DeploymentFollower?
        /// The phase that the reader was told of.
        var told = BuildPhase.pending
    }

    private let build: PlannedBuild
    /// Which record of that id is meant.
    private let identity: String
    private let clock: any ClusterClock
    private let state: Mutex<State>

    /// - Parameters:
    ///   - record: the record, as it was read after `follower` began to follow it.
    init(_ build: PlannedBuild, of record: DeploymentRecord, follower: DeploymentFollower, clock: any ClusterClock) {
        self.build = build
        identity = record.identity
        self.clock = clock
        state = Mutex(State(follower: follower))
    }

    func end() { state.withLock { $0.follower = nil } }

    func next() async -> BuildLogSign? {
        guard let follower = state.withLock({ $0.follower }) else { return nil }
        return await withTaskGroup(of: Void.self) { group in
            group.addTask { [clock] in
                await clock.sleep(for: BuildLogEvent.pauseLength)
                if !Task.isCancelled { follower.nudge() }
            }
            defer { group.cancelAll() }
            while let contents = await follower.next() {
                if let sign = sign(of: contents.finding) { return sign }
                if contents.isNudged { return .quiet }
            }
            return nil
        }
    }

    /// What a look means for the build: `nil` if nothing is new, or if the look failed, which is repeated then.
    private func sign(of finding: DeploymentLookout.Finding?) -> BuildLogSign? {
        switch finding {
        case .success(let sighting?) where sighting.record.identity == identity:
            let status = sighting.record.status[build]
            if let why = status.neverStarted { return .never(.neverStarted(why)) }
            return state.withLock { state in
                guard status.phase != state.told, status.phase != .pending else { return nil }
                state.told = status.phase
                return .begun
            }
        case .success: return .never(.gone(isKept: false))
        case .failure, nil: return nil
        }
    }
}
