import Logging

/// Removes deployments that are kept no longer: their builds end first, so that nothing runs without a record.
struct DeploymentRemover: Sendable {
    private static let attempts = 6

    let store: any DeploymentStore
    let builds: any BuildService
    let observers: [any DeploymentObserver]
    let logger: Logger

    /// Removes all of these, at the same time; those that are gone already are no error.
    func remove(_ entries: [DeploymentEntry], of tool: ToolName) async throws(StoreError) {
        let results = await entries.concurrentMap { (entry) throws(StoreError) in
            try await remove(entry, of: tool)
        }
        for result in results { try result.get() }
    }

    private func remove(_ entry: DeploymentEntry, of tool: ToolName) async throws(StoreError) {
        for _ in 0..<Self.attempts {
            do {
                let record: DeploymentRecord
                do {
                    // Gone, or another one by now: either way the one that was listed is removed.
                    guard let current = try await store.read(entry.id, of: tool), current.identity == entry.identity
                    else { return }
                    record = current
                } catch .unreadable {
                    // Nothing in it can be followed, but it must not stand in the way for ever.
                    try await store.remove(entry, of: tool, at: nil)
                    tellRemoval(of: entry, tool)
                    return
                }
                try await endBuilds(of: record)
                // Only as it was read: a build that was noted as created since may have ended, and begun again.
                try await store.remove(entry, of: tool, at: record.version)
                tellRemoval(of: entry, tool)
                return
            } catch .conflict {
                continue
            } catch .absent {
                return
            }
        }
        throw .conflict
    }

    /// Ends what runs, and takes the name of every build that somebody may still create.
    ///
    /// No creation can be made to depend on the record, which is an object of another namespace: it may arrive when the
    /// record is gone, from a process that has died since. Then its name is taken. One that was refused is among them: a
    /// creation of it that began earlier may come through later.
    private func endBuilds(of record: DeploymentRecord) async throws(StoreError) {
        let identity = record.request.identity
        let unfinished = record.request.builds.filter { build in
            let status = record.status[build]
            return !status.phase.isTerminal || status.start == .refused
        }
        let results = await unfinished.concurrentMap { (build) throws(StoreError) in
            switch record.status[build].start {
            case .created: try await builds.cancel(build, of: identity)
            case .unconfirmed, .refused: try await builds.prevent(build, of: identity)
            }
        }
        for result in results { try result.get() }
    }

    private func tellRemoval(of entry: DeploymentEntry, _ tool: ToolName) {
        logger.info("old deployment removed", metadata: ["tool": "\(tool)", "deployment": "\(entry.id)"])
        observers.tell(.removed(entry, of: tool))
    }
}
