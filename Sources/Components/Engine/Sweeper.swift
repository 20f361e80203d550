public import Logging

/// Finds the builds that nobody accounts for, and ends and removes them: what a crash, the end of a tool or a removal left.
///
/// `Sweep` decides. Everything it does may be done twice, and by two processes at once: a run is removed by its identity.
public struct Sweeper: Sendable {
    /// How many deployments are looked at at a time.
    private static let width = 8

    private let store: any DeploymentStore & DeploymentIndex
    private let builds: any BuildService & BuildRuns
    private let isUnfinished: @Sendable (DeploymentIdentity) -> Bool
    private let retained: Int
    private let clock: any ClusterClock
    private let logger: Logger
    private let removed: @Sendable () -> Void

    /// A sweeper.
    ///
    /// - Parameters:
    ///   - feed: knows which deployments have not ended.
    ///   - retained: how many ended runs of a tool stay; 0 = each for as long as its record.
    ///   - removed: is called for each run that was removed.
    public init(
        store: any DeploymentStore & DeploymentIndex, builds: any BuildService & BuildRuns, feed: any DeploymentFeed,
        retained: Int,
        clock: any ClusterClock, logger: Logger, removed: @escaping @Sendable () -> Void = {}
    ) {
        self.store = store
        self.builds = builds
        isUnfinished = { feed.record(of: $0) != nil }
        self.retained = retained
        self.clock = clock
        self.logger = logger
        self.removed = removed
    }

    /// Sweeps once; what fails is left to the next time.
    public func sweep() async {
        do {
            // In this order: a record is stored before its builds are created.
            let runs = try await builds.listRuns()
            let records = try await store.listAll()
            let sweep = Sweep(retained: retained, now: clock.now())
            let suspects = sweep.suspects(among: runs, records: records, isUnfinished: isUnfinished)
            let surplus = sweep.surplus(of: runs)
            await Dictionary(grouping: suspects, by: \.deployment).concurrentForEach(width: Self.width) {
                (deployment, runs) in
                guard let read = await record(of: deployment) else { return }
                for run in runs {
                    let action = sweep.action(
                        about: run, record: read(run), isSurplus: surplus.contains(run.name))
                    await perform(action, on: run)
                }
            }
        } catch {
            logger.warning("sweep failed", metadata: ["error": "\(error)"])
        }
    }

    /// What the record of a deployment says of a run; `nil` if it cannot be asked for now.
    private func record(of deployment: DeploymentIdentity) async -> ((BuildRun) -> Sweep.Record)? {
        do {
            let record = try await store.read(deployment.id, of: deployment.tool)
            return { Sweep.Record(record, for: $0) }
        } catch .unreadable {
            return { _ in .unreadable }
        } catch {
            logger.warning(
                "a record was not read for the sweep",
                metadata: ["tool": "\(deployment.tool)", "deployment": "\(deployment.id)", "error": "\(error)"])
            return nil
        }
    }

    private func perform(_ action: Sweep.Action, on run: BuildRun) async {
        var metadata: Logger.Metadata = [
            "tool": "\(run.deployment.tool)", "deployment": "\(run.deployment.id)", "build": "\(run.name)",
        ]
        let build = PlannedBuild(component: run.component, id: run.name, repository: "", ref: nil)
        do {
            switch action {
            case .leave:
                break
            case .cancel:
                _ = try await builds.cancel(build, of: run.deployment)
                logger.notice("a build of a deployment that has ended was cancelled", metadata: metadata)
            case .remove:
                if !run.hasEnded { _ = try await builds.cancel(build, of: run.deployment) }
                try await builds.remove(run)
                removed()
                logger.notice("a build that no record accounts for was removed", metadata: metadata)
            }
        } catch {
            metadata["error"] = "\(error)"
            logger.warning("a build was not swept", metadata: metadata)
        }
    }
}
