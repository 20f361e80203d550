import Synchronization

/// Keys that wait to be worked on, each once, by a bounded number of workers.
///
/// A key is never worked on by two workers at once: one that is added meanwhile comes again when the first is done. A
/// failure comes again after a backoff with jitter; any key may have a due time. `KeySchedule` has the rules.
///
/// ```swift
/// let queue = KeyQueue<String>()
/// queue.add("a")
/// await queue.run(workers: 4) { key in … .done }
/// ```
public final class KeyQueue<Key: Hashable & Sendable>: Sendable {
    private let schedule: Mutex<KeySchedule<Key>>
    /// How often the queue was looked through; for tests.
    let rounds = Atomic(0)
    /// Wakes the one that runs the queue.
    private let signal = Mutex<AsyncStream<Void>.Continuation?>(nil)

    /// An empty queue.
    ///
    /// - Parameters:
    ///   - firstDelay: the mean wait after a first failure; each further one waits about twice as long.
    ///   - longestDelay: the longest mean wait.
    public init(firstDelay: Duration = .milliseconds(500), longestDelay: Duration = .seconds(30)) {
        schedule = Mutex(KeySchedule(firstDelay: firstDelay, longestDelay: longestDelay))
    }

    /// How many keys there are, those that are worked on included.
    public var count: Int { schedule.withLock { $0.count } }

    /// For how long the key that waits longest has been due; zero if none is due.
    public var delay: Duration {
        let earliest = schedule.withLock { $0.earliest() }
        return earliest.map { max($0.duration(to: .now), .zero) } ?? .zero
    }

    /// Adds a key, due after that time; of two due times of a key the earlier one holds.
    public func add(_ key: Key, after delay: Duration = .zero) {
        schedule.withLock { $0.add(key, due: .now + delay) }
        wake()
    }

    /// Forgets a key; one that is worked on is not interrupted, and does not come again because it was added.
    public func remove(_ key: Key) { schedule.withLock { $0.remove(key) } }

    /// Works on the keys until the task is cancelled, at most `workers` at a time; waits for those that are worked on.
    ///
    /// It may be called again when it has returned; keys that are added meanwhile wait.
    public func run(workers: Int, _ work: @escaping @Sendable (Key) async -> KeyOutcome) async {
        let running = Running()
        let (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.signal.withLock { $0 = signal }
        // There may be keys already.
        signal.yield()
        await withDiscardingTaskGroup { group in
            var timer: Task<Void, Never>?
            defer { timer?.cancel() }
            for await _ in signals {
                rounds.add(1, ordering: .relaxed)
                timer?.cancel()
                while running.count < max(1, workers) {
                    let next = schedule.withLock { $0.next(now: .now) }
                    guard case .run(let key) = next else {
                        if case .wait(let instant) = next { timer = wakeUp(at: instant) }
                        break
                    }
                    running.add(1)
                    group.addTask {
                        let outcome = await work(key)
                        self.ended(key, outcome)
                        running.add(-1)
                        signal.yield()
                    }
                }
            }
            group.cancelAll()
        }
        self.signal.withLock { $0 = nil }
    }

    private func wake() { _ = signal.withLock { $0?.yield() } }

    /// How many workers work.
    private final class Running: Sendable {
        private let number = Atomic(0)
        var count: Int { number.load(ordering: .acquiring) }
        func add(_ change: Int) { number.add(change, ordering: .acquiringAndReleasing) }
    }

    private func ended(_ key: Key, _ outcome: KeyOutcome) {
        schedule.withLock { $0.ended(key, outcome, now: .now, jitter: .random(in: RetrySchedule.jitters)) }
    }

    private func wakeUp(at instant: ContinuousClock.Instant) -> Task<Void, Never> {
        Task {
            // A timer that was cancelled was replaced by another: if it woke, it would be cancelling that one for ever.
            guard (try? await Task.sleep(until: instant, clock: .continuous)) != nil else { return }
            wake()
        }
    }
}
