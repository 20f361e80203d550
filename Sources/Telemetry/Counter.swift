import Synchronization

/// A count by labels that never decreases.
///
/// An increment holds a lock for one dictionary look-up, and allocates only for a series that is new.
public final class Counter<Labels: MetricLabels>: Metric {
    private let name: String
    private let help: String
    private let series: Mutex<[Labels: UInt64]>

    /// A counter.
    ///
    /// - Parameters:
    ///   - name: ends in `_total`.
    ///   - known: series that are written from the start with 0, so that the first count is an increase.
    public init(_ name: String, help: String, known: [Labels] = []) {
        self.name = name
        self.help = help
        series = Mutex(Dictionary(known.map { ($0, 0) }) { first, _ in first })
    }

    /// Counts one more.
    public func increment(_ labels: Labels) {
        series.withLock { $0[labels, default: 0] += 1 }
    }

    /// Writes the current counts.
    public func write(to text: inout ExpositionText) {
        let current = series.withLock { $0 }
        text.begin(name, .counter, help: help)
        for (labels, count) in current.sorted(by: { $0.key.precedes($1.key) }) {
            text.sample(name, count, labels: labels.pairs)
        }
    }
}

extension Counter<NoLabels> {
    /// A counter of one series, which starts at 0.
    public convenience init(_ name: String, help: String) {
        self.init(name, help: help, known: [NoLabels()])
    }

    /// Counts one more.
    public func increment() { increment(NoLabels()) }
}
