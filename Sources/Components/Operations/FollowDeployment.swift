/// Follows a deployment, or waits for its end.
struct FollowDeployment: Sendable {
    /// After how long `quiet` is told.
    static let quietTime = Duration.seconds(15)

    let readDeployment: ReadDeployment
    let lookout: DeploymentLookout
    let clock: any ClusterClock

    /// See `ComponentsOperations.followDeployment(_:of:)`.
    func callAsFunction(_ id: String, of tool: ToolName) async throws(ComponentsError) -> FollowedDeployment {
        let (first, follower) = try await begin(id, of: tool)
        let seen = SeenDeployment(first.shown, at: clock.now())
        guard !first.hasEnded else { return FollowedDeployment(first: seen) { _ in } }
        return FollowedDeployment(first: seen) { handle in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    while !Task.isCancelled {
                        await clock.sleep(for: Self.quietTime)
                        follower.nudge()
                    }
                }
                defer { group.cancelAll() }
                var events = FollowingEvents(of: follower, after: first, clock: clock)
                while let event = await events.next() { try await handle(event) }
            }
        }
    }

    /// See `ComponentsOperations.deployment(_:of:endedWithin:)`.
    func callAsFunction(
        _ id: String, of tool: ToolName, endedWithin limit: Duration
    ) async throws(ComponentsError) -> Deployment {
        let (first, follower) = try await begin(id, of: tool)
        guard !first.hasEnded else { return first.shown.deployment }
        switch await last(of: follower, from: first, within: limit) {
        case .success(let seen?): return seen.deployment
        case .success(nil): throw .deploymentMissing(tool, id: id)
        case .failure(let failure):
            throw .cluster(failure, about: .deployment(DeploymentIdentity(id: id, tool: tool)))
        }
    }

    /// How it stands at its end or after that time; `nil` if it was removed.
    private func last(
        of follower: DeploymentFollower, from first: DeploymentSighting, within limit: Duration
    ) async -> Result<SeenDeployment?, ClusterFailure> {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await clock.sleep(for: limit)
                follower.finish()
            }
            defer { group.cancelAll() }
            var events = FollowingEvents(of: follower, after: first, clock: clock)
            var last = Result<SeenDeployment?, ClusterFailure>.success(SeenDeployment(first.shown, at: clock.now()))
            while let event = await events.next() {
                switch event {
                case .changed(let seen): last = .success(seen)
                case .removed: last = .success(nil)
                case .failed(let failure): last = .failure(failure)
                case .quiet, .interrupted: break
                }
            }
            return last
        }
    }

    /// How it stands now, and a follower that misses nothing that comes after it.
    private func begin(
        _ id: String, of tool: ToolName
    ) async throws(ComponentsError) -> (DeploymentSighting, DeploymentFollower) {
        let deployment = DeploymentIdentity(id: id, tool: tool)
        let follower = lookout.follow(deployment)
        let isDriven = lookout.newcomerDrives(deployment)
        // How it stands is owed to whoever waits, also when the service stops: a task of its own is not cancelled then. The
        // memory that its calls took goes with it.
        let look = Task { () -> Result<DeploymentSighting, ComponentsError> in
            do throws(ComponentsError) {
                let record = try await readDeployment.record(id, of: tool, isDriven: isDriven)
                return .success(lookout.sighting(of: record))
            } catch {
                return .failure(error)
            }
        }
        return (try await look.value.get(), follower)
    }
}

/// What happens to a deployment that is followed, as events; the last one says why it is the last.
private struct FollowingEvents {
    private let follower: DeploymentFollower
    private let clock: any ClusterClock
    private var newest: DeploymentSighting
    private var hasEnded = false

    init(of follower: DeploymentFollower, after first: DeploymentSighting, clock: any ClusterClock) {
        self.follower = follower
        self.clock = clock
        newest = first
    }

    /// The next event, once there is one; `nil` after the last one.
    mutating func next() async -> FollowingEvent? {
        guard !hasEnded else { return nil }
        while let contents = await follower.next() {
            if let event = event(of: contents) { return event }
        }
        hasEnded = true
        return .interrupted
    }

    /// The event that it makes; `nil` if nothing is new.
    ///
    /// Not inlined: what it needs would take its room in the frame of a task that waits.
    @inline(never) private mutating func event(of contents: FollowerMailbox.Contents) -> FollowingEvent? {
        switch contents.finding {
        case .success(let found?) where found.isOfSameObject(as: newest):
            // A look that began earlier may end later.
            guard found.isNewer(than: newest) else { return contents.isNudged ? .quiet : nil }
            newest = found
            hasEnded = found.hasEnded
            return .changed(SeenDeployment(found.shown, at: clock.now()))
        case .success:
            hasEnded = true
            return .removed
        case .failure(let failure): return .failed(failure)
        case nil: return .quiet
        }
    }
}
