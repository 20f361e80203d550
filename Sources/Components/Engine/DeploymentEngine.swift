import Foundation
public import Logging

/// What watches know of the deployments that have not ended, and of their builds.
///
/// It is a view that may be behind the cluster or incomplete: what it does not know may exist.
public protocol DeploymentFeed: Sendable {
    /// The record as it was last seen, without its config; `nil` if it is not known, or has ended.
    func record(of deployment: DeploymentIdentity) -> DeploymentRecord?

    /// A build as it was last seen; `nil` if it is not known.
    func observation(of build: PlannedBuild, of deployment: DeploymentIdentity) -> BuildObservation?

    /// Takes a record that this process has just stored or read, in case the watch has not told of it yet.
    func stored(_ record: DeploymentRecord)
}

/// Moves deployments on although nobody looks at them.
///
/// It drives what the watches know, and asks the cluster only for what they do not. Whoever else drives the same deployment
/// does no harm: the step is pure, builds have unique names, and a status is stored by compare and swap.
public struct DeploymentEngine: Sendable {
    private let driver: DeploymentDriver
    private let feed: any DeploymentFeed

    /// An engine over these ports.
    public init(
        deployments: any DeploymentStore, builds: any BuildService, goodBuilds: any ToolBuildsStore,
        feed: any DeploymentFeed,
        limits: DeploymentLimits = DeploymentLimits(), clock: any ClusterClock = SystemClock(),
        observers: [any DeploymentObserver] = [], logger: Logger
    ) {
        driver = DeploymentDriver(
            store: deployments, builds: builds, keeper: GoodBuildKeeper(store: goodBuilds, logger: logger),
            limits: limits, observers: observers, clock: clock, logger: logger)
        self.feed = feed
    }

    /// Drives one deployment as far as it goes now.
    ///
    /// A record that has no status yet is left alone for 15 s: the request that made it is at work.
    /// - Returns: when it needs attention again, if nothing is told of it before.
    public func drive(_ deployment: DeploymentIdentity) async -> EngineOutcome {
        guard let record = feed.record(of: deployment) else { return .done }
        let age = record.age(at: driver.clock.now())
        if record.status == DeploymentStatus(), age < DeploymentLimits.firstStatus {
            return .again(after: DeploymentLimits.firstStatus - age)
        }
        do throws(ClusterFailure) {
            let feed = feed
            let current = try await driver.bringUpToDate(record) { feed.observation(of: $0, of: deployment) }
            guard let current else { return .done }
            feed.stored(current)
            return outcome(of: current)
        } catch {
            var metadata: Logger.Metadata = ["tool": "\(deployment.tool)", "deployment": "\(deployment.id)"]
            metadata["error"] = "\(error)"
            driver.logger.warning("deployment was not driven", metadata: metadata)
            return .failed
        }
    }

    private func outcome(of record: DeploymentRecord) -> EngineOutcome {
        guard !record.phase.isTerminal else { return .done }
        // What was not started is tried again with backoff.
        let isWaitingForStart = record.request.builds.contains { build in
            record.status[build].start == .unconfirmed && !record.status[build].phase.isTerminal
        }
        if isWaitingForStart { return .failed }
        let deadline = driver.limits.nextDeadline(of: record)
        let rest = max(.seconds(1), Duration.seconds(deadline.timeIntervalSince(driver.clock.now()) + 1))
        let mayWait = record.request.builds.contains { build in
            record.status[build].phase == .running && !record.status[build].hasBegun
        }
        return .again(after: mayWait ? min(rest, DeploymentLimits.begin + .seconds(1)) : rest)
    }
}

/// What becomes of a deployment that was driven.
public enum EngineOutcome: Sendable, Equatable {
    /// It needs no attention until something changes.
    case done
    /// It needs attention after that time, if nothing changes before.
    case again(after: Duration)
    /// It could not be driven, or its builds not started: it is tried again with backoff.
    case failed
}
