import Logging

/// Removes deployments: their builds end first, so that no build runs without a record.
struct DeploymentRemover: Sendable {
    private static let attempts = 6

    let store: any DeploymentStore
    let builds: any BuildService
    let disposal: any BuildDisposal
    let observers: [any DeploymentObserver]
    let clock: any ClusterClock
    let logger: Logger

    /// Removes all of these at the same time; one that is gone already is not an error.
    func remove(_ entries: [DeploymentEntry], of tool: ToolName) async throws(ClusterFailure) {
        let results = await entries.concurrentMap { (entry) throws(ClusterFailure) in
            try await remove(entry, of: tool)
        }
        for result in results { try result.get() }
    }

    /// Removes one; one that is gone already is not an error.
    ///
    /// Its builds go after it, in the background.
    func remove(_ entry: DeploymentEntry, of tool: ToolName) async throws(ClusterFailure) {
        for _ in 0..<Self.attempts {
            do {
                let record: DeploymentRecord
                do {
                    // Gone, or replaced by another of the same id: either way the one that was listed is removed.
                    guard let current = try await store.read(entry.id, of: tool), current.identity == entry.identity
                    else { return }
                    record = current
                } catch .unreadable {
                    // Its builds are unknown, but it must not block new deployments for ever.
                    try await store.remove(entry, of: tool, at: nil)
                    notifyRemoval(of: entry, tool)
                    return
                }
                try await endBuilds(of: record)
                // Only at the version that was read: a build noted as created since may have ended, and begun again.
                try await store.remove(entry, of: tool, at: record.version)
                notifyRemoval(of: entry, tool)
                disposal.dispose(of: record)
                return
            } catch .conflict {
                continue
            } catch .absent {
                return
            }
        }
        throw .conflict
    }

    /// Cancels builds that run, and takes the name of every build whose creation may still be under way.
    ///
    /// A creation cannot be made to depend on the record, which is an object in another namespace: it may arrive after the
    /// record is gone, even from a process that has died. Then it finds the name taken. That holds for a build that was refused a
    /// moment ago too: a creation that began before the refusal may succeed later; and for one that the cluster could not take when
    /// that was noted. Where the cluster does not let this service take the name, it lets it create no build either.
    private func endBuilds(of record: DeploymentRecord) async throws(ClusterFailure) {
        let identity = record.request.identity
        let now = clock.now()
        let unfinished = record.request.builds.filter { build in
            guard !build.isNeverCreated else { return false }
            let status = record.status[build]
            switch status.start {
            case .created: return !status.phase.isTerminal
            case .unconfirmed: return !status.phase.isTerminal
            case .refused: return status.ended.map { $0.adding(DeploymentLimits.creationDelay) > now } ?? true
            }
        }
        let results = await unfinished.concurrentMap { (build) throws(ClusterFailure) in
            let status = record.status[build]
            guard status.start != .created else {
                _ = try await builds.cancel(build, of: identity)
                return
            }
            do throws(ClusterFailure) {
                _ = try await builds.prevent(build, of: identity)
            } catch .failed(let reason) {
                guard status.reason == .clusterRefused else { throw .failed(reason: reason) }
            }
        }
        for result in results { try result.get() }
    }

    private func notifyRemoval(of entry: DeploymentEntry, _ tool: ToolName) {
        logger.info("deployment removed", metadata: ["tool": "\(tool)", "deployment": "\(entry.id)"])
        observers.notify(.removed(entry, of: tool))
    }
}
