import Synchronization

/// Counts what happens, by labels; it never goes down.
///
/// Counting takes a lock for the time of one look into a dictionary, and allocates only for a series not seen before.
public final class Counter<Labels: MetricLabels>: Metric {
    private let name: String
    private let help: String
    private let series: Mutex<[Labels: UInt64]>

    /// A counter.
    ///
    /// - Parameters:
    ///   - name: ends in `_total`.
    ///   - known: series that are shown before anything was counted, so that the first count is seen as an increase.
    public init(_ name: String, help: String, known: [Labels] = []) {
        self.name = name
        self.help = help
        series = Mutex(Dictionary(known.map { ($0, 0) }) { first, _ in first })
    }

    /// Counts one more.
    public func increment(_ labels: Labels) {
        series.withLock { $0[labels, default: 0] += 1 }
    }

    /// The figures as they are now.
    public func write(to text: inout ExpositionText) {
        let current = series.withLock { $0 }
        text.begin(name, .counter, help: help)
        for (labels, count) in current.sorted(by: { $0.key.precedes($1.key) }) {
            text.sample(name, count, labels: labels.pairs)
        }
    }
}

extension Counter<NoLabels> {
    /// A counter of one series, which begins with 0.
    public convenience init(_ name: String, help: String) {
        self.init(name, help: help, known: [NoLabels()])
    }

    /// Counts one more.
    public func increment() { increment(NoLabels()) }
}

extension MetricLabels {
    /// The names with their values.
    var pairs: [(name: String, value: String)] { Array(zip(Self.names, values)).map { (name: $0, value: $1) } }

    /// The order in which series are shown, so that two scrapes are alike.
    func precedes(_ other: Self) -> Bool { values.lexicographicallyPrecedes(other.values) }
}
