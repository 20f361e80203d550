import Synchronization

/// Counts durations, by labels and by how long they were.
///
/// Observing takes a lock for the time of one look into a dictionary, and allocates only for a series not seen before.
public final class Histogram<Labels: MetricLabels>: Metric {
    private let name: String
    private let help: String
    private let bounds: [Double]
    private let series: Mutex<[Labels: Tally]>

    /// A histogram.
    ///
    /// - Parameters:
    ///   - name: ends in `_seconds`.
    ///   - bounds: the longest duration that each bucket holds, in seconds; `+Inf` is added.
    ///   - known: series that are shown before anything was observed.
    public init(_ name: String, help: String, bounds: [Double], known: [Labels] = []) {
        self.name = name
        self.help = help
        self.bounds = Set(bounds.filter(\.isFinite)).sorted()
        let empty = Tally(counts: Array(repeating: 0, count: self.bounds.count + 1))
        series = Mutex(Dictionary(known.map { ($0, empty) }) { first, _ in first })
    }

    /// Counts one duration; one below zero, as two clocks can make it, is none at all.
    public func observe(_ duration: Duration, _ labels: Labels) {
        let parts = max(duration, .zero).components
        let seconds = Double(parts.seconds) + Double(parts.attoseconds) / 1e18
        let bucket = bounds.firstIndex { seconds <= $0 } ?? bounds.count
        series.withLock {
            $0[labels, default: Tally(counts: Array(repeating: 0, count: bounds.count + 1))].add(seconds, to: bucket)
        }
    }

    /// The figures as they are now; each bucket holds those below it too.
    public func write(to text: inout ExpositionText) {
        let current = series.withLock { $0 }
        text.begin(name, .histogram, help: help)
        for (labels, tally) in current.sorted(by: { $0.key.precedes($1.key) }) {
            let pairs = labels.pairs
            var count: UInt64 = 0
            for (bound, inBucket) in zip(bounds + [.infinity], tally.counts) {
                count += inBucket
                let le = [(name: "le", value: ExpositionText.text(bound))]
                text.sample("\(name)_bucket", count, labels: pairs + le)
            }
            text.sample("\(name)_sum", tally.sum, labels: pairs)
            text.sample("\(name)_count", count, labels: pairs)
        }
    }
}

/// The observations of one series.
///
/// Not within the generic class: its type would be looked up with each observation.
private struct Tally {
    /// How many fell into each bucket alone, the last one being what no bound holds.
    var counts: [UInt64]
    var sum = 0.0

    mutating func add(_ seconds: Double, to bucket: Int) {
        counts[bucket] += 1
        sum += seconds
    }
}
