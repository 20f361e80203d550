import Foundation
public import Logging
import Synchronization

/// Elects one of several processes, by a `Lease` in the cluster.
///
/// `run` takes part until its task is cancelled, and runs a body while this process leads. `ElectionMachine` has the
/// rules, and why never two lead at the same time.
public struct LeaderElection: Sendable {
    private let leases: ResourceClient<Lease>
    private let name: String
    private let identity: String
    private let timing: ElectionTiming
    private let logger: Logger

    /// A candidate for the lease of that name, which is created when it is missing.
    ///
    /// - Parameters:
    ///   - candidate: what people will know this process by, such as the pod's name; a random part is added, because a
    ///     process that was restarted is another candidate.
    ///   - timing: must be the same for all candidates.
    public init(
        client: KubernetesClient, namespace: String, name: String, candidate: String,
        timing: ElectionTiming = ElectionTiming(), logger: Logger
    ) {
        leases = client.resources(Lease.self, namespace: namespace)
        self.name = name
        identity = "\(candidate)_\(UUID().uuidString.lowercased())"
        self.timing = timing
        self.logger = logger
    }

    /// Takes part in the election until the task is cancelled, and runs `lead` while this process leads.
    ///
    /// When the lead is lost, or the task is cancelled, the task of `lead` is cancelled, and this waits for its end. When
    /// the task is cancelled, and when `lead` returns by itself, the lease is given up, so that another process takes it
    /// at its next try.
    public func run(_ lead: @escaping @Sendable (Leadership) async -> Void) async {
        let candidate = Candidate(leases: leases, name: name, identity: identity, timing: timing)
        let metadata: Logger.Metadata = ["lease": "\(name)", "identity": "\(identity)"]
        while !Task.isCancelled {
            if await candidate.waitForLead() {
                logger.debug("leading", metadata: metadata)
                let leadership = Leadership(candidate: candidate)
                await withTaskGroup(of: Void.self) { group in
                    group.addTask { await Leadership.$current.withValue(leadership) { await lead(leadership) } }
                    group.addTask { await candidate.keepLead() }
                    await group.next()
                    group.cancelAll()
                }
                logger.debug("leading no more", metadata: metadata)
            }
            // Not this task's own: the lease is given up although this one is cancelled, perhaps before it knew that it leads.
            await Task { await candidate.release() }.value
        }
    }
}

/// The lead of a process, while it has it.
///
/// Every call that is made in the leader's task, or a child of it, ends when the lead does (`timeout`), without being
/// told to.
public struct Leadership: Sendable {
    /// The lead in whose name the present task acts.
    @TaskLocal static var current: Leadership?

    fileprivate let candidate: Candidate

    /// Until when this process leads, as far as is known now; `nil` if it leads no more.
    ///
    /// Each renewal puts it off.
    public var deadline: ContinuousClock.Instant? { candidate.lead }
}

/// One candidate: does what the machine says.
private final class Candidate: Sendable {
    private struct State {
        var machine: ElectionMachine
        /// The lease as it was seen last: what is not an election's own is kept.
        var lease: Lease?
    }

    private let leases: ResourceClient<Lease>
    private let name: String
    private let state: Mutex<State>
    private let timing: ElectionTiming

    init(leases: ResourceClient<Lease>, name: String, identity: String, timing: ElectionTiming) {
        self.leases = leases
        self.name = name
        self.timing = timing
        state = Mutex(State(machine: ElectionMachine(identity: identity, timing: timing)))
    }

    var lead: ContinuousClock.Instant? { state.withLock { $0.machine.lead(now: .now) } }

    /// Tries until it leads; `false` if the task is cancelled before.
    func waitForLead() async -> Bool {
        while !Task.isCancelled {
            if lead != nil { return true }
            await step(until: nil)
        }
        return false
    }

    /// Renews the lease until the lead is lost, or the task is cancelled.
    func keepLead() async {
        while !Task.isCancelled, let end = lead { await step(until: end) }
    }

    /// Gives up the lease, if it has it; at most for a moment.
    func release() async {
        await CallDeadline.within(timing.renewDeadline / 4) {
            // A read, then the write; both once more, since a renewal that was cancelled may reach the server between them.
            for _ in 0..<4 {
                guard let action = state.withLock({ $0.machine.release() }) else { return }
                await perform(action)
            }
        }
        state.withLock { $0.machine.released(now: .now) }
    }

    private func step(until end: ContinuousClock.Instant?) async {
        let action = state.withLock { $0.machine.next(now: .now) }
        if case .wait(let instant) = action {
            // Cut short by a cancellation, which the callers see.
            try? await Task.sleep(until: end.map { min($0, instant) } ?? instant, clock: .continuous)
            return
        }
        // Short, so that there is time for a second try before the lead is lost.
        let limit = ContinuousClock.now + timing.renewDeadline / 2
        await CallDeadline.at(end.map { min($0, limit) } ?? limit) { await perform(action) }
    }

    private func perform(_ action: ElectionMachine.Action) async {
        let sentAt = ContinuousClock.now
        do throws(KubernetesError) {
            switch action {
            case .read:
                let lease = try await leases.getIfPresent(name)
                try state.withLock { (state) throws(KubernetesError) in
                    state.lease = lease
                    guard let lease else { return state.machine.observed(nil, now: .now) }
                    let version = try Self.version(of: lease)
                    state.machine.observed((version, lease.holder), now: .now)
                }
            case .create:
                wrote(try await leases.create(lease(.take, version: nil)), sentAt)
            case .replace(let version, let change):
                let lease = try await leases.replace(lease(change, version: version))
                if change == .release {
                    state.withLock { $0.machine.released(now: .now) }
                } else {
                    wrote(lease, sentAt)
                }
            case .wait:
                break
            }
        } catch {
            state.withLock { state in
                if error.isConflict || error.isAlreadyExists {
                    state.machine.conflicted(now: .now)
                } else {
                    state.machine.failed(now: .now)
                }
            }
        }
    }

    private func wrote(_ lease: Lease, _ sentAt: ContinuousClock.Instant) {
        state.withLock { state in
            guard let version = lease.metadata.resourceVersion else { return state.machine.failed(now: .now) }
            state.lease = lease
            state.machine.wrote(version: version, sentAt: sentAt, now: .now)
        }
    }

    private static func version(of lease: Lease) throws(KubernetesError) -> String {
        guard let version = lease.metadata.resourceVersion else {
            throw KubernetesError(.invalidResponse, "the lease has no resourceVersion")
        }
        return version
    }

    /// The lease as it is to be written.
    private func lease(_ change: ElectionMachine.Change, version: String?) -> Lease {
        let (seen, identity) = state.withLock { ($0.lease, $0.machine.identity) }
        let now = Date()
        var lease =
            seen
            ?? Lease(
                metadata: ObjectMetadata(name: name), holder: nil, durationSeconds: 0, acquireTime: nil, renewTime: nil,
                transitions: 0)
        if version != nil, change == .take { lease.transitions += 1 }
        lease.metadata.resourceVersion = version
        lease.holder = change == .release ? nil : identity
        lease.durationSeconds = timing.leaseDuration.components.seconds
        if change == .take { lease.acquireTime = now }
        lease.renewTime = now
        return lease
    }
}
