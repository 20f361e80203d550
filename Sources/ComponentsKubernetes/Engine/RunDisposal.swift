public import Components
import Kubernetes
public import Logging

import struct Foundation.Date

/// Removes the builds of deployments that were removed, in the background.
///
/// A build is removed once it is two minutes old: before, another creation of its name may be under way, and would find the
/// name free. What failed for a moment is tried again; what the cluster refuses, what finds no room and what is not due when
/// the process stops is left to the sweep.
public final class RunDisposal: BuildDisposal {
    /// How many builds wait at most.
    static let capacity = 4_096
    private static let workers = 4

    private struct Entry: Hashable, Sendable {
        var build: PlannedBuild
        var deployment: DeploymentIdentity
    }

    private let builds: any BuildService & BuildRuns
    private let clock: any ClusterClock
    private let logger: Logger
    private let removed: @Sendable () -> Void
    private let queue = KeyQueue<Entry>()

    /// A disposal that does not run yet.
    ///
    /// - Parameter removed: is called for each build that was removed.
    public init(
        builds: any BuildService & BuildRuns, clock: any ClusterClock, logger: Logger,
        removed: @escaping @Sendable () -> Void = {}
    ) {
        self.builds = builds
        self.clock = clock
        self.logger = logger
        self.removed = removed
    }

    /// Queues the builds of a record that is gone.
    public func dispose(of record: DeploymentRecord) {
        // Its builds are no older.
        let wait = BuildRun.minimumAge - .seconds(clock.now().timeIntervalSince(record.createdAt))
        for build in record.request.builds where queue.count < Self.capacity {
            queue.add(Entry(build: build, deployment: record.request.identity), after: wait)
        }
    }

    /// Removes builds when they are due, until the task is cancelled.
    public func run() async { await queue.run(workers: Self.workers, work) }

    /// How many builds wait.
    var count: Int { queue.count }

    @Sendable private func work(_ entry: Entry) async -> KeyOutcome {
        do throws(ClusterFailure) {
            guard let run = try await builds.findRun(entry.build, of: entry.deployment) else { return .done }
            let wait = run.timeUntilItMayBeRemoved(at: clock.now())
            guard wait <= .zero else { return .again(after: wait) }
            if !run.hasEnded { _ = try await builds.cancel(entry.build, of: entry.deployment) }
            try await builds.remove(run)
            removed()
            return .done
        } catch {
            let passes = error.mayPass
            logger.debug(
                passes ? "a build was not removed: it is tried again" : "a build was not removed: the sweep will do it",
                metadata: [
                    "tool": "\(entry.deployment.tool)", "deployment": "\(entry.deployment.id)",
                    "build": "\(entry.build.id)", "error": "\(error)",
                ])
            return passes ? .failed : .done
        }
    }
}

extension ClusterFailure {
    /// Whether the same call may succeed a moment later.
    fileprivate var mayPass: Bool {
        switch self {
        case .conflict, .unavailable, .timedOut: true
        case .toolMissing, .toolTerminating, .terminating, .absent, .exists, .full, .refused, .tooLarge, .unreadable,
            .failed, .invalidResponse:
            false
        }
    }
}
