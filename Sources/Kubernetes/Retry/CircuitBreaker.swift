/// Spares callers the wait for a cluster that is known to be away.
///
/// After a few failures in a row to reach it, calls are refused at once for a moment; then one is let through to
/// look, while the others are still refused. A value without a clock: every event bears its time.
struct CircuitBreaker: Sendable {
    /// What an attempt taught about whether the cluster can be reached.
    enum Finding: Sendable, Equatable {
        /// It answered, whatever it said.
        case reached
        /// No connection came about.
        case unreachable
        /// Neither: the caller gave up, for example.
        case nothing
    }

    /// Whether a call may go out.
    enum Admission: Sendable, Equatable {
        case admitted
        /// Not now; in that time there is something to learn.
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
    /// How long a probe may take before another is let through: the breaker must not hang on a call that does.
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

    /// Notes what an attempt taught.
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
            // The probe brought no news: the next call is one.
            state = .open(until: now, pause: pause)
        case (.unreachable, .open), (.nothing, _):
            // Attempts that were under way when it opened tell nothing new.
            break
        }
    }
}
