import Synchronization

/// A count of durations by labels and by bucket.
///
/// An observation holds a lock for one dictionary look-up, and allocates only for a series that is new.
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
    ///   - known: series that are written from the start with 0.
    public init(_ name: String, help: String, bounds: [Double], known: [Labels] = []) {
        self.name = name
        self.help = help
        self.bounds = Set(bounds.filter(\.isFinite)).sorted()
        let empty = Tally(counts: Array(repeating: 0, count: self.bounds.count + 1))
        series = Mutex(Dictionary(known.map { ($0, empty) }) { first, _ in first })
    }

    /// Counts one duration.
    ///
    /// A negative one, which two clocks can give, counts as zero.
    public func observe(_ duration: Duration, _ labels: Labels) {
        let parts = max(duration, .zero).components
        let seconds = Double(parts.seconds) + Double(parts.attoseconds) / 1e18
        let bucket = bounds.firstIndex { seconds <= $0 } ?? bounds.count
        series.withLock {
            $0[labels, default: Tally(counts: Array(repeating: 0, count: bounds.count + 1))].add(seconds, to: bucket)
        }
    }

    /// Writes the current counts; each bucket includes those below it.
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
/// Not nested in the generic class, where its type metadata would be looked up for each observation.
private struct Tally {
    /// The count of each bucket alone; the last one is for durations above every bound.
    var counts: [UInt64]
    var sum = 0.0

    mutating func add(_ seconds: Double, to bucket: Int) {
        counts[bucket] += 1
        sum += seconds
    }
}
