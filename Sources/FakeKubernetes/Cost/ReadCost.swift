import Synchronization

/// What a read (get or list) costs, beside the time that the fake itself takes; nothing until it is told otherwise.
final class ReadCost: Sendable {
    private let schedule = Mutex<ReadSchedule?>(nil)

    /// Puts a cost in force, as `PUT /_fake/read-cost` has it: `latencyMicroseconds` and `readsPerSecond`.
    func replace(with value: Value) throws(StatusError) {
        guard let latency = value["latencyMicroseconds"]?.int, (0...60_000_000).contains(latency),
            let rate = value["readsPerSecond"]?.int, (1...1_000_000).contains(rate)
        else {
            throw .badRequest("latencyMicroseconds must be 0 to 60,000,000, and readsPerSecond 1 to 1,000,000")
        }
        let new = ReadSchedule(latency: .microseconds(latency), readsPerSecond: Int(rate))
        schedule.withLock { $0 = new }
    }

    /// Reads are as fast as they can be again.
    func clear() { schedule.withLock { $0 = nil } }

    /// When a request may be answered; `nil`: as soon as it can be.
    func answer(to call: APICall?) -> ContinuousClock.Instant? {
        guard let verb = call?.verb, verb == .get || verb == .list else { return nil }
        // The time is taken inside the lock, so that no read is taken before one that came later.
        return schedule.withLock { $0?.answer(toReadAt: .now) }
    }

    /// What is in force, as it was given.
    var report: Value {
        guard let schedule = schedule.withLock(\.self) else { return [:] }
        return [
            "latencyMicroseconds": .int(Int64(schedule.latency / .microseconds(1))),
            "readsPerSecond": .int(Int64((.seconds(1) / schedule.interval).rounded())),
        ]
    }
}
