/// Which keys are due when, and which are being worked on, as a value.
///
/// Each key is there once, and never worked on twice at a time: a key that is added while it is worked on comes again
/// afterwards. Of two due times of a key the earlier one holds. Keys that are due come in the order of their due times,
/// those of the same time in the order in which they were added.
struct KeySchedule<Key: Hashable & Sendable>: Sendable {
    /// What there is to do.
    enum Next: Sendable, Equatable {
        /// Work on that key now; then `ended`.
        case run(Key)
        /// Nothing before that moment.
        case wait(until: ContinuousClock.Instant)
        /// Nothing until a key is added, or one that is worked on ends.
        case idle
    }

    private struct Entry: Sendable {
        /// When it is due; `nil` while it is worked on and was not added again.
        var due: Due?
        var isRunning = false
        /// Failures in a row.
        var failures = 0
    }

    private struct Due: Sendable, Comparable {
        var instant: ContinuousClock.Instant
        var order: UInt64
        static func < (left: Due, right: Due) -> Bool {
            (left.instant, left.order) < (right.instant, right.order)
        }
    }

    private let firstDelay: Duration
    private let longestDelay: Duration
    private var entries: [Key: Entry] = [:]
    /// A binary heap by due time; what no longer agrees with `entries` is passed over.
    private var heap: [(due: Due, key: Key)] = []
    private var order: UInt64 = 0

    /// An empty schedule; a failed key comes again after about `firstDelay`, then about twice as long each time.
    init(firstDelay: Duration, longestDelay: Duration) {
        self.firstDelay = firstDelay
        self.longestDelay = longestDelay
    }

    /// How many keys there are, those that are worked on included.
    var count: Int { entries.count }

    /// The earliest due time of all keys that are not worked on.
    mutating func earliest() -> ContinuousClock.Instant? {
        dropStale()
        return heap.first?.due.instant
    }

    /// Adds a key, or brings it forward.
    mutating func add(_ key: Key, due instant: ContinuousClock.Instant) {
        var entry = entries[key] ?? Entry()
        if let due = entry.due, due.instant <= instant { return }
        order += 1
        let due = Due(instant: instant, order: order)
        entry.due = due
        entries[key] = entry
        if !entry.isRunning { push((due, key)) }
    }

    /// What there is to do now.
    mutating func next(now: ContinuousClock.Instant) -> Next {
        dropStale()
        guard let (due, key) = heap.first else { return .idle }
        guard due.instant <= now else { return .wait(until: due.instant) }
        pop()
        entries[key]?.isRunning = true
        entries[key]?.due = nil
        return .run(key)
    }

    /// The work on a key has ended.
    ///
    /// - Parameters:
    ///   - jitter: what the mean delay after a failure is multiplied by.
    mutating func ended(_ key: Key, _ outcome: KeyOutcome, now: ContinuousClock.Instant, jitter: Double) {
        guard var entry = entries[key], entry.isRunning else { return }
        entry.isRunning = false
        var again: ContinuousClock.Instant?
        switch outcome {
        case .done:
            entry.failures = 0
        case .again(let delay):
            entry.failures = 0
            again = now + max(delay, .zero)
        case .failed:
            let mean = min(firstDelay * (1 << min(entry.failures, 20)), longestDelay)
            entry.failures += 1
            again = now + mean * jitter
        }
        if let again, entry.due.map({ again < $0.instant }) ?? true {
            order += 1
            entry.due = Due(instant: again, order: order)
        }
        guard let due = entry.due else {
            entries[key] = nil
            return
        }
        entries[key] = entry
        push((due, key))
    }

    /// Forgets a key; of one that is worked on, forgets that it was added again.
    mutating func remove(_ key: Key) {
        guard entries[key]?.isRunning == true else {
            entries[key] = nil
            return
        }
        entries[key]?.due = nil
    }

    // MARK: - Heap

    private mutating func dropStale() {
        while let (due, key) = heap.first {
            if let entry = entries[key], !entry.isRunning, entry.due == due { return }
            pop()
        }
    }

    private mutating func push(_ element: (due: Due, key: Key)) {
        heap.append(element)
        var index = heap.count - 1
        while index > 0, heap[index].due < heap[(index - 1) / 2].due {
            heap.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    private mutating func pop() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var index = 0
        while true {
            var smallest = index
            for child in [2 * index + 1, 2 * index + 2]
            where child < heap.count && heap[child].due < heap[smallest].due { smallest = child }
            guard smallest != index else { return }
            heap.swapAt(index, smallest)
            index = smallest
        }
    }
}

/// How the work on a key ended.
public enum KeyOutcome: Sendable, Equatable {
    /// There is nothing to do until it is added again.
    case done
    /// It comes again after that time.
    case again(after: Duration)
    /// It failed: it comes again after a backoff.
    case failed
}
