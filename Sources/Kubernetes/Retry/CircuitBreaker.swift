/// Fails calls at once while the cluster is known to be unreachable.
///
/// After a few failed connections in a row, calls are refused for a moment; then one is let through as a probe, while
/// the others are still refused. A value without a clock: every event carries its time.
struct CircuitBreaker: Sendable {
    /// What an attempt showed about whether the cluster can be reached.
    enum Finding: Sendable, Equatable {
        /// It answered, whatever it said.
        case reached
        /// No connection could be made.
        case unreachable
        /// Neither; for example, the caller gave up.
        case nothing
    }

    /// Whether a call may go out.
    enum Admission: Sendable, Equatable {
        case admitted
        /// Not now; ask again after that time.
        case refused(retryAfter: Duration)
    }

    private enum State {
        case closed(failures: Int)
        case open(until: ContinuousClock.Instant, pause: Duration)
        case probing(since: ContinuousClock.Instant, pause: Duration)
    }

    /// How many failures in a row open it.
    static let threshold = 3
    private static let firstPause = Duration.milliseconds(500)
    private static let longestPause = Duration.milliseconds(1_500)
    /// How long a probe may take before another call is let through: a probe that hangs must not keep the breaker open.
    private static let probePatience = Duration.seconds(2)

    private var state = State.closed(failures: 0)

    /// Asks before an attempt; each admission is followed by one `attemptEnded`.
    mutating func admit(now: ContinuousClock.Instant) -> Admission {
        switch state {
        case .closed:
            return .admitted
        case .open(let until, let pause):
            guard now >= until else { return .refused(retryAfter: now.duration(to: until)) }
            state = .probing(since: now, pause: pause)
            return .admitted
        case .probing(let since, let pause):
            guard since.duration(to: now) >= Self.probePatience else { return .refused(retryAfter: Self.firstPause) }
            state = .probing(since: now, pause: pause)
            return .admitted
        }
    }

    /// Notes what an attempt showed.
    mutating func attemptEnded(_ finding: Finding, now: ContinuousClock.Instant) {
        switch (finding, state) {
        case (.reached, _):
            state = .closed(failures: 0)
        case (.unreachable, .closed(let failures)):
            state =
                failures + 1 >= Self.threshold
                ? .open(until: now + Self.firstPause, pause: Self.firstPause) : .closed(failures: failures + 1)
        case (.unreachable, .probing(_, let pause)):
            let longer = min(pause * 2, Self.longestPause)
            state = .open(until: now + longer, pause: longer)
        case (.nothing, .probing(_, let pause)):
            // The probe was inconclusive: the next call is the probe.
            state = .open(until: now, pause: pause)
        case (.unreachable, .open), (.nothing, _):
            // These attempts began before it opened: they show nothing new.
            break
        }
    }
}
