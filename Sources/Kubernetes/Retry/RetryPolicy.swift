/// How often and how fast a call is tried again.
public struct RetryPolicy: Sendable, Equatable {
    /// How often one call is repeated at most; 0 means never.
    public var maximumRetries: Int
    /// The mean wait before the first repeat; each further one waits about twice as long.
    public var firstDelay: Duration
    /// The longest mean wait.
    public var longestDelay: Duration

    /// At most three repeats, after about 50, 100 and 200 ms, unless said otherwise.
    public init(
        maximumRetries: Int = 3, firstDelay: Duration = .milliseconds(50), longestDelay: Duration = .seconds(1)
    ) {
        self.maximumRetries = max(0, maximumRetries)
        self.firstDelay = firstDelay
        self.longestDelay = longestDelay
    }
}

/// What a repeat of a request could do.
enum Repeatability: Sendable, Equatable {
    /// Nothing: it only reads.
    case read
    /// Nothing that the first one did not: a second execution is refused or changes nothing.
    case harmlessWrite
    /// Something twice: it may be repeated only if the first one was surely not executed.
    case write
}

/// How an attempt ended that did not succeed, as far as it matters to the question of another one.
enum AttemptOutcome: Sendable, Equatable {
    /// The request never left: no connection, or one that was lost before the last byte was asked for.
    case notSent
    /// The server turned it away unexecuted, and perhaps said when to come back.
    case refusedBeforeExecution(retryAfter: Duration?)
    /// The connection was lost behind the request.
    case lost
    /// The server, or what stands before it, failed or gave up.
    case failed(retryAfter: Duration?)
    /// A response that another attempt would not change.
    case settled
}

/// The attempts of one call: decides after each whether and when there is another.
///
/// A value without clock, network or randomness of its own.
struct RetrySchedule: Sendable {
    /// What to do after an attempt.
    enum Decision: Sendable, Equatable {
        case retry(after: Duration)
        case giveUp
    }

    /// Between half and one and a half of the mean, so that callers that failed together do not retry together.
    static let jitters = 0.5...1.5

    private let policy: RetryPolicy
    private let repeatability: Repeatability
    private var repeats = 0

    init(policy: RetryPolicy, repeatability: Repeatability) {
        self.policy = policy
        self.repeatability = repeatability
    }

    /// Whether another attempt is made, and when.
    ///
    /// A wait that would not end before the deadline is not begun: the caller learns at once.
    /// - Parameters:
    ///   - timeLeft: the time until the call's deadline.
    ///   - jitter: what the mean delay is multiplied by, drawn anew each time from `jitters`.
    mutating func decide(after outcome: AttemptOutcome, timeLeft: Duration, jitter: Double) -> Decision {
        guard repeats < policy.maximumRetries, allowsRepeat(after: outcome) else { return .giveUp }
        let backoff = min(policy.firstDelay * (1 << min(repeats, 20)), policy.longestDelay)
        let jittered = backoff * jitter
        let delay: Duration
        switch outcome {
        case .refusedBeforeExecution(let retryAfter?), .failed(let retryAfter?):
            // Never earlier than the server asked for.
            delay = retryAfter + jittered
        default:
            delay = jittered
        }
        guard delay < timeLeft else { return .giveUp }
        repeats += 1
        return .retry(after: delay)
    }

    private func allowsRepeat(after outcome: AttemptOutcome) -> Bool {
        switch outcome {
        case .notSent, .refusedBeforeExecution: true
        case .lost, .failed: repeatability != .write
        case .settled: false
        }
    }
}
