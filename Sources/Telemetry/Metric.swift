/// A source of samples for a scrape.
public protocol Metric: Sendable {
    /// Writes the current values.
    func write(to text: inout ExpositionText)
}

/// All metrics of a process, in the order of a scrape.
public struct MetricRegistry: Sendable {
    private let metrics: [any Metric]

    /// A registry of these metrics; no two of them may write the same name.
    public init(_ metrics: [any Metric]) {
        self.metrics = metrics
    }

    /// All current values in Prometheus' text format (`ExpositionText`).
    public func exposition() -> [UInt8] {
        var text = ExpositionText()
        for metric in metrics { metric.write(to: &text) }
        return text.bytes
    }
}

/// The labels of one series: as many values as names, in the same order.
///
/// The number of possible values must be bounded whatever clients send: each new one is a series that is never freed.
public protocol MetricLabels: Hashable, Sendable {
    /// The names, `[a-zA-Z_][a-zA-Z0-9_]*`, the same for all series of a metric.
    static var names: [String] { get }
    /// The values; any text.
    var values: [String] { get }
}

/// No labels: the metric has one series.
public struct NoLabels: MetricLabels {
    /// None.
    public static let names: [String] = []
    /// None.
    public var values: [String] { [] }

    /// The only value.
    public init() {}
}

extension MetricLabels {
    /// The names with their values.
    var pairs: [(name: String, value: String)] { Array(zip(Self.names, values)).map { (name: $0, value: $1) } }

    /// The order of the series in a scrape, so that two scrapes have the same order.
    func precedes(_ other: Self) -> Bool { values.lexicographicallyPrecedes(other.values) }
}
