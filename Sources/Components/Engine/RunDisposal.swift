public import Logging
import Synchronization

/// Removes the builds of deployments that were removed, in the background.
///
/// A build younger than `Sweep.minimumAge` is left to the sweep, because a creation of its name may be under way; and so is
/// whatever fails here, or finds no room.
public final class RunDisposal: BuildDisposal {
    /// How many builds wait at most; beyond it the newest are left to the sweep.
    static let capacity = 2_048
    /// How many are removed at a time.
    private static let width = 4

    private struct Entry: Sendable {
        var build: PlannedBuild
        var deployment: DeploymentIdentity
    }

    private let builds: any BuildService & BuildRuns
    private let clock: any ClusterClock
    private let logger: Logger
    private let removed: @Sendable () -> Void
    private let queue: AsyncStream<Entry>
    private let entrance: AsyncStream<Entry>.Continuation
    private let working = Mutex<Task<Void, Never>?>(nil)

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
        (queue, entrance) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.capacity))
    }

    /// Queues these builds.
    public func dispose(of builds: [PlannedBuild], of deployment: DeploymentIdentity) {
        for build in builds { entrance.yield(Entry(build: build, deployment: deployment)) }
    }

    /// Removes builds as they come; returns after `finish(within:)`, or when it is cancelled.
    public func run() async {
        let work = Task { await self.work() }
        working.withLock { $0 = work }
        await withTaskCancellationHandler {
            await work.value
        } onCancel: {
            work.cancel()
        }
    }

    /// Accepts no further builds, and gives those that wait this much time.
    public func finish(within duration: Duration) {
        entrance.finish()
        guard let work = working.withLock({ $0 }) else { return }
        Task {
            try? await Task.sleep(for: duration)
            work.cancel()
        }
    }

    private func work() async {
        await withTaskGroup(of: Void.self) { group in
            var running = 0
            for await entry in queue {
                if running == Self.width {
                    await group.next()
                    running -= 1
                }
                group.addTask { await self.remove(entry) }
                running += 1
            }
        }
    }

    private func remove(_ entry: Entry) async {
        do {
            guard let run = try await builds.findRun(entry.build, of: entry.deployment),
                Sweep(retained: 0, now: clock.now()).isOldEnough(run)
            else { return }
            if !run.hasEnded { try await builds.cancel(entry.build, of: entry.deployment) }
            try await builds.remove(run)
            removed()
        } catch {
            logger.debug(
                "a build was not removed: the sweep will do it",
                metadata: [
                    "tool": "\(entry.deployment.tool)", "deployment": "\(entry.deployment.id)",
                    "build": "\(entry.build.id)", "error": "\(error)",
                ])
        }
    }
}
