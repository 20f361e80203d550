/// How long a lead lasts without being renewed, and how often it is tried.
public struct ElectionTiming: Sendable, Equatable {
    /// How long a lease must not have changed before another takes it.
    public var leaseDuration: Duration
    /// How long after the start of its last successful renewal a leader still leads; shorter than `leaseDuration`.
    ///
    /// The ratio of the two is how much faster one process's clock may run than another's: 1.5 by default.
    public var renewDeadline: Duration
    /// How long to wait between two tries, to renew or to take the lease.
    public var retryPeriod: Duration

    /// 15, 10 and 2 seconds, as client-go has it, unless said otherwise.
    public init(
        leaseDuration: Duration = .seconds(15), renewDeadline: Duration = .seconds(10),
        retryPeriod: Duration = .seconds(2)
    ) {
        precondition(
            retryPeriod > .zero && retryPeriod < renewDeadline && renewDeadline < leaseDuration,
            "an election's retry period must be shorter than its renew deadline, and that than its lease's duration")
        self.leaseDuration = leaseDuration
        self.renewDeadline = renewDeadline
        self.retryPeriod = retryPeriod
    }
}

/// One candidate of an election by a lease, as a value: no network, no clock of its own.
///
/// No clock is trusted but the candidate's own monotonic one, and that only for durations. A leader counts from the
/// moment *before* a renewal is sent; all others from the moment *after* they first saw the lease's present version.
/// The write lies between the two, and every write is a compare and swap of the version that was seen. So a leader's
/// time is over, by true time, before another's can begin, as long as no clock runs faster than another by more than the
/// ratio of lease duration and renew deadline. (Somebody who deletes the lease breaks that: whoever begins then finds
/// none, and takes it at once.)
struct ElectionMachine: Sendable {
    /// What to do next.
    enum Action: Sendable, Equatable {
        /// Read the lease: `observed`, or `failed`.
        case read
        /// Create the lease: `wrote`, `conflicted` if it exists, or `failed`.
        case create
        /// Take the lease, or renew it, in place of a version: `wrote`, `conflicted`, or `failed`.
        case replace(version: String, Change)
        /// Ask again then.
        case wait(until: ContinuousClock.Instant)
    }

    /// What a replacement does to the lease.
    enum Change: Sendable, Equatable {
        case take, renew, release
    }

    /// What is known of the lease.
    private enum Knowledge: Sendable {
        /// Nothing that may be relied upon: it must be read.
        case none
        /// There is none.
        case absent
        /// That version has been there since then, or longer.
        case seen(version: String, holder: String?, since: ContinuousClock.Instant)
    }

    let identity: String
    let timing: ElectionTiming
    private var knowledge = Knowledge.none
    /// Whether what is known must be read again before it is acted upon.
    private var isStale = true
    /// The latest time at which the lease was held by another, as far as it was seen.
    private var heldByOtherUntil: ContinuousClock.Instant?
    /// Until when this one leads.
    private var leadsUntil: ContinuousClock.Instant?
    private var nextTry: ContinuousClock.Instant?

    /// A candidate; its identity must be no other candidate's, nor that of the same process before a restart.
    init(identity: String, timing: ElectionTiming) {
        self.identity = identity
        self.timing = timing
    }

    /// Until when this one leads; `nil` if it does not.
    func lead(now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        leadsUntil.flatMap { now < $0 ? $0 : nil }
    }

    /// What to do now.
    mutating func next(now: ContinuousClock.Instant) -> Action {
        if let nextTry, now < nextTry { return .wait(until: nextTry) }
        if isStale { return .read }
        switch knowledge {
        case .none:
            return .read
        case .absent:
            if let heldByOtherUntil, now < heldByOtherUntil { return wait(now) }
            return .create
        case .seen(let version, let holder, let since):
            if holder == identity { return .replace(version: version, .renew) }
            if holder == nil || since.duration(to: now) >= timing.leaseDuration {
                return .replace(version: version, .take)
            }
            return wait(now)
        }
    }

    /// The lease was read; `nil` = there is none.
    ///
    /// - Parameters:
    ///   - now: when the response had come.
    mutating func observed(_ lease: (version: String, holder: String?)?, now: ContinuousClock.Instant) {
        isStale = false
        nextTry = nil
        guard let lease else {
            knowledge = .absent
            return
        }
        var since = now
        if case .seen(lease.version, _, let before) = knowledge { since = before }
        knowledge = .seen(version: lease.version, holder: lease.holder, since: since)
        heldByOtherUntil = nil
        guard let holder = lease.holder, holder != identity else { return }
        heldByOtherUntil = since + timing.leaseDuration
        // Only by hand can it have got another holder while this one leads; there must not be two all the same.
        leadsUntil = nil
    }

    /// This one's write succeeded: it leads.
    ///
    /// - Parameters:
    ///   - sentAt: when the call began.
    mutating func wrote(version: String, sentAt: ContinuousClock.Instant, now: ContinuousClock.Instant) {
        knowledge = .seen(version: version, holder: identity, since: now)
        isStale = false
        leadsUntil = sentAt + timing.renewDeadline
        nextTry = sentAt + timing.retryPeriod
    }

    /// A write met another version, or another's creation: what is known is wrong.
    mutating func conflicted(now: ContinuousClock.Instant) {
        isStale = true
        nextTry = nil
    }

    /// A call failed, and may have had its effect: whatever it was, it is read again.
    mutating func failed(now: ContinuousClock.Instant) {
        isStale = true
        nextTry = now + timing.retryPeriod
    }

    /// Gives up the lead, and says what is left to do for that; `nil` when nothing is.
    ///
    /// The work of the leader must have ended.
    mutating func release() -> Action? {
        leadsUntil = nil
        if isStale { return .read }
        guard case .seen(let version, identity, _) = knowledge else { return nil }
        return .replace(version: version, .release)
    }

    /// The lease was given up: the others have the first try.
    mutating func released(now: ContinuousClock.Instant) {
        knowledge = .none
        isStale = false
        nextTry = now + timing.retryPeriod
    }

    private mutating func wait(_ now: ContinuousClock.Instant) -> Action {
        isStale = true
        let next = now + timing.retryPeriod
        nextTry = next
        return .wait(until: next)
    }
}
