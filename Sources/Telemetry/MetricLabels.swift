/// The labels of one series: as many values as names, in the same order.
///
/// A value must be one of a bounded number, whatever clients send: each new one is a series that is kept for ever.
public protocol MetricLabels: Hashable, Sendable {
    /// The names, `[a-zA-Z_][a-zA-Z0-9_]*`, the same for all series of a metric.
    static var names: [String] { get }
    /// The values; any text.
    var values: [String] { get }
}

/// No labels: a metric of one series.
public struct NoLabels: MetricLabels {
    /// None.
    public static let names: [String] = []
    /// None.
    public var values: [String] { [] }

    /// The only value there is.
    public init() {}
}
