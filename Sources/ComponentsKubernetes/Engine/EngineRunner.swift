public import Components
public import Kubernetes
public import Logging
import Synchronization

/// Runs the engine in the process that holds the lease.
///
/// While this process leads, every deployment of which the watch tells a change is driven, each by one worker at a time. All
/// unfinished ones are driven when the lead begins and after every sweep, so that nothing depends on an event that was lost.
/// Nobody waits for a leader: a request drives its own deployment.
public final class EngineRunner: Sendable {
    /// The lease for which the replicas compete, in the service's own namespace.
    public static let leaseName = "components-api"

    private struct State {
        var queue: KeyQueue<DeploymentIdentity>?
    }

    private let watch: DeploymentWatch
    private let election: LeaderElection
    private let timing: EngineTiming
    private let drive: @Sendable (DeploymentIdentity) async -> EngineOutcome
    private let sweep: @Sendable () async -> Void
    private let observer: (any EngineObserver)?
    private let logger: Logger
    private let state = Mutex(State())

    /// An engine that does not run yet.
    ///
    /// - Parameters:
    ///   - election: of the process that drives; no other process may have the same candidate.
    ///   - drive: drives one deployment.
    ///   - sweep: finds and removes what was left behind, once.
    public init(
        watch: DeploymentWatch, election: LeaderElection, timing: EngineTiming = EngineTiming(),
        observer: (any EngineObserver)? = nil, logger: Logger,
        drive: @escaping @Sendable (DeploymentIdentity) async -> EngineOutcome,
        sweep: @escaping @Sendable () async -> Void
    ) {
        self.watch = watch
        self.election = election
        self.timing = timing
        self.observer = observer
        self.logger = logger
        self.drive = drive
        self.sweep = sweep
    }

    /// Takes part in the election, and drives while this process leads, until the task is cancelled.
    ///
    /// Then the lease is given up: another process leads at its next try.
    public func run() async { await election.run { _ in await self.lead() } }

    /// How the engine is doing in this process.
    public var figures: EngineFigures {
        let queue = state.withLock { $0.queue }
        return EngineFigures(isLeading: queue != nil, queued: queue?.count ?? 0, delay: queue?.delay ?? .zero)
    }

    private func lead() async {
        let queue = KeyQueue<DeploymentIdentity>()
        state.withLock { $0.queue = queue }
        defer { state.withLock { $0.queue = nil } }
        logger.info("leading: this process drives the deployments")
        defer { logger.info("leading no more") }
        await withDiscardingTaskGroup { group in
            group.addTask { await self.fill(queue) }
            group.addTask { await queue.run(workers: self.timing.workers, self.work) }
            group.addTask { await self.sweepRegularly(queue) }
        }
    }

    /// Adds what changes, once the watch knows everything: before that a build that is not known may well exist, and would
    /// cost a call.
    private func fill(_ queue: KeyQueue<DeploymentIdentity>) async {
        let changes = watch.changes()
        var hasBegun = false
        func begin() {
            guard !hasBegun, watch.isComplete else { return }
            hasBegun = true
            for deployment in watch.unfinished { queue.add(deployment) }
        }
        begin()
        for await changed in changes {
            begin()
            // Builds that end together are stored together.
            for deployment in changed where hasBegun { queue.add(deployment, after: timing.coalescing) }
        }
    }

    @Sendable private func work(_ deployment: DeploymentIdentity) async -> KeyOutcome {
        let start = ContinuousClock.now
        let outcome = await drive(deployment)
        observer?.drove(outcome, in: start.duration(to: .now))
        return switch outcome {
        case .done: .done
        case .again(let delay): .again(after: delay)
        case .failed: .failed
        }
    }

    private func sweepRegularly(_ queue: KeyQueue<DeploymentIdentity>) async {
        var delay = timing.firstSweep
        while (try? await Task.sleep(for: delay, clock: .continuous)) != nil {
            await sweep()
            if watch.isComplete { for deployment in watch.unfinished { queue.add(deployment) } }
            delay = timing.sweepInterval
        }
    }
}

/// The times and the width of an engine.
public struct EngineTiming: Sendable {
    /// How long a change waits for others of the same deployment.
    public var coalescing: Duration
    /// How long after the lead began the first sweep is made.
    public var firstSweep: Duration
    /// How long after a sweep the next one is made.
    public var sweepInterval: Duration
    /// How many deployments are driven at a time.
    public var workers: Int

    /// 50 ms, a minute, ten minutes and 16, unless said otherwise.
    public init(
        coalescing: Duration = .milliseconds(50), firstSweep: Duration = .seconds(60),
        sweepInterval: Duration = .seconds(600), workers: Int = 16
    ) {
        self.coalescing = coalescing
        self.firstSweep = firstSweep
        self.sweepInterval = sweepInterval
        self.workers = workers
    }
}

/// How the engine is doing in one process.
public struct EngineFigures: Sendable, Equatable {
    /// Whether this process leads.
    public var isLeading: Bool
    /// How many deployments wait to be driven or are driven.
    public var queued: Int
    /// For how long the one that waits longest has been due.
    public var delay: Duration
}

/// Is notified of what the engine does, for metrics; it must return at once.
public protocol EngineObserver: Sendable {
    /// A deployment was driven.
    func drove(_ outcome: EngineOutcome, in duration: Duration)
    /// A run was removed, because its record is gone or because there were too many.
    func runRemoved()
}
