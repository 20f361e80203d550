import Logging

/// Notes the good builds of a deployment among the tool's newest, before their ends are stored in its record.
///
/// In this order a crash between the two loses nothing: whoever reads the record next sees the same ends, and notes them
/// again.
struct GoodBuildKeeper: Sendable {
    /// How often it is tried again after somebody else has noted theirs.
    private static let attempts = 8

    let store: any ToolBuildsStore
    let logger: Logger

    /// Notes the builds whose good end is about to be stored.
    ///
    /// Where the cluster never takes them (a right or the kind is missing, a quota is full), that is logged and not an error: the
    /// deployment ends all the same.
    /// - Throws: what passes by itself: nothing of the ends may be stored then.
    func note(_ status: DeploymentStatus, of record: DeploymentRecord) async throws(ClusterFailure) {
        // What is taken is noted already.
        let ended = record.request.builds.filter { build in
            build.taken == nil && record.status[build].phase != .succeeded && status[build].phase == .succeeded
        }
        guard !ended.isEmpty else { return }
        let builds = Dictionary(
            ended.map { ($0.component, GoodBuild($0, status[$0], of: record.request)) }
        ) { first, _ in first }
        for isLast in [false, true] {
            do throws(ClusterFailure) {
                return try await note(builds, of: record.request.identity.tool)
            } catch {
                switch error {
                case .conflict, .unavailable, .timedOut: throw error
                // What makes no sense once may do the second time.
                case .invalidResponse where !isLast: continue
                case .absent, .exists, .terminating, .toolMissing, .toolTerminating, .full, .refused, .tooLarge,
                    .unreadable, .failed, .invalidResponse:
                    return tell(ended, of: record, because: error)
                }
            }
        }
    }

    private func tell(_ builds: [PlannedBuild], of record: DeploymentRecord, because failure: ClusterFailure) {
        let identity = record.request.identity
        logger.warning(
            "good builds were not noted",
            metadata: [
                "tool": "\(identity.tool)", "deployment": "\(identity.id)",
                "components": "\(builds.map(\.component).joined(separator: ", "))", "error": "\(failure)",
            ])
    }

    private func note(_ builds: [String: GoodBuild], of tool: ToolName) async throws(ClusterFailure) {
        var failure = ClusterFailure.conflict
        for _ in 0..<Self.attempts {
            let stored = try await store.readBuilds(of: tool)
            var kept = stored?.builds ?? ToolBuilds()
            guard kept.note(builds) else { return }
            do throws(ClusterFailure) {
                return try await store.writeBuilds(kept, over: stored, of: tool)
            } catch {
                switch error {
                case .conflict, .exists, .absent: failure = error
                default: throw error
                }
            }
        }
        // One that is in the way and is never read (it is being deleted) does not pass by itself.
        throw failure
    }
}
