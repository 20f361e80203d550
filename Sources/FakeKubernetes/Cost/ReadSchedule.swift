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
