/// Follows a deployment, or waits for its end.
struct FollowDeployment: Sendable {
    /// After how long `quiet` is told.
    static let quietTime = Duration.seconds(15)

    let readDeployment: ReadDeployment
    let lookout: DeploymentLookout
    let clock: any ClusterClock

    /// See `ComponentsOperations.followDeployment(_:of:)`.
    func callAsFunction(_ id: String, of tool: ToolName) async throws(ComponentsError) -> FollowedDeployment {
        let (record, follower) = try await begin(id, of: tool)
        let first = seen(record)
        guard !record.phase.isTerminal else { return FollowedDeployment(first: first) { _ in } }
        return FollowedDeployment(first: first) { handle in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    while !Task.isCancelled {
                        await clock.sleep(for: Self.quietTime)
                        follower.nudge()
                    }
                }
                defer { group.cancelAll() }
                try await tell(follower, from: record, handle)
            }
        }
    }

    /// See `ComponentsOperations.deployment(_:of:endedWithin:)`.
    func callAsFunction(
        _ id: String, of tool: ToolName, endedWithin limit: Duration
    ) async throws(ComponentsError) -> Deployment {
        let (record, follower) = try await begin(id, of: tool)
        guard !record.phase.isTerminal else { return record.deployment }
        let last = await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await clock.sleep(for: limit)
                follower.finish()
            }
            defer { group.cancelAll() }
            var last = Result<Deployment?, ClusterFailure>.success(lookout.sighting(of: record).deployment)
            // It hands on what the closure throws, which throws nothing.
            try? await tell(follower, from: record) { event in
                switch event {
                case .changed(let seen): last = .success(seen.deployment)
                case .removed: last = .success(nil)
                case .failed(let failure): last = .failure(failure)
                case .quiet, .interrupted: break
                }
            }
            return last
        }
        let identity = DeploymentIdentity(id: id, tool: tool)
        guard let deployment = try await asking(about: .deployment(identity), try last.get()) else {
            throw .deploymentMissing(tool, id: id)
        }
        return deployment
    }

    /// The record as it is now, and a follower that misses nothing that comes after it.
    private func begin(
        _ id: String, of tool: ToolName
    ) async throws(ComponentsError) -> (DeploymentRecord, DeploymentFollower) {
        let follower = lookout.follow(DeploymentIdentity(id: id, tool: tool))
        // How it stands is owed to whoever waits, also when the service stops: a task of its own is not cancelled then.
        let look = Task { () -> Result<DeploymentRecord, ComponentsError> in
            do throws(ComponentsError) {
                return .success(try await readDeployment.record(id, of: tool))
            } catch {
                return .failure(error)
            }
        }
        return (lookout.sighting(of: try await look.value.get()).record, follower)
    }

    private func tell(
        _ follower: DeploymentFollower, from first: DeploymentRecord, _ handle: (FollowingEvent) async throws -> Void
    ) async throws {
        var newest = first
        while let contents = await follower.next() {
            switch contents.finding {
            case .success(let record?) where record.identity == newest.identity:
                // A look that began earlier may end later.
                guard record.isNewer(than: newest) else {
                    if contents.isNudged { try await handle(.quiet) }
                    continue
                }
                newest = record
                try await handle(.changed(seen(record)))
                if record.phase.isTerminal { return }
            case .success: return try await handle(.removed)
            case .failure(let failure): try await handle(.failed(failure))
            case nil: try await handle(.quiet)
            }
        }
        try await handle(.interrupted)
    }

    private func seen(_ record: DeploymentRecord) -> SeenDeployment {
        SeenDeployment(
            deployment: lookout.sighting(of: record).deployment, version: record.version, seenAt: clock.now())
    }
}
