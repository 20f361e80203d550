import Synchronization

/// The additional time that a read (get or list) takes; none until a test sets it.
final class ReadCost: Sendable {
    private let schedule = Mutex<ReadSchedule?>(nil)

    /// Sets the cost as in `PUT /_fake/read-cost`: `latencyMicroseconds` and `readsPerSecond`.
    func replace(with value: Value) throws(StatusError) {
        guard let latency = value["latencyMicroseconds"]?.int, (0...60_000_000).contains(latency),
            let rate = value["readsPerSecond"]?.int, (1...1_000_000).contains(rate)
        else {
            throw .badRequest("latencyMicroseconds must be 0 to 60,000,000, and readsPerSecond 1 to 1,000,000")
        }
        let new = ReadSchedule(latency: .microseconds(latency), readsPerSecond: Int(rate))
        schedule.withLock { $0 = new }
    }

    /// Removes the cost.
    func clear() { schedule.withLock { $0 = nil } }

    /// The earliest time of the response to a request; `nil`: at once.
    func answer(to call: APICall?) -> ContinuousClock.Instant? {
        guard let verb = call?.verb, verb == .get || verb == .list else { return nil }
        // The time is taken inside the lock, so that no read is taken before one that came later.
        return schedule.withLock { $0?.answer(toReadAt: .now) }
    }

    /// The cost as it was set.
    var report: Value {
        guard let schedule = schedule.withLock(\.self) else { return [:] }
        return [
            "latencyMicroseconds": .int(Int64(schedule.latency / .microseconds(1))),
            "readsPerSecond": .int(Int64((.seconds(1) / schedule.interval).rounded())),
        ]
    }
}

/// When reads are answered by a server that takes its time for each, and serves only so many a second.
///
/// Reads are begun in the order in which they come, one an `interval` at most, and each is answered a `latency` after
/// it was begun. One client alone so waits for the latency; many share the rate, each waiting for those before it.
struct ReadSchedule: Sendable, Equatable {
    /// What a read takes once it is begun.
    let latency: Duration
    /// How long after a read the next one is begun at the earliest.
    let interval: Duration
    private var nextStart: ContinuousClock.Instant?

    /// - Parameter readsPerSecond: More than 0.
    init(latency: Duration, readsPerSecond: Int) {
        self.latency = latency
        interval = .seconds(1) / readsPerSecond
    }

    /// Takes a read into the schedule.
    ///
    /// - Parameter now: When it came; not before the read that was taken last.
    /// - Returns: When it may be answered.
    mutating func answer(toReadAt now: ContinuousClock.Instant) -> ContinuousClock.Instant {
        let start = max(now, nextStart ?? now)
        nextStart = start + interval
        return start + latency
    }
}
