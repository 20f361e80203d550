/// Something that has figures to show.
public protocol Metric: Sendable {
    /// Writes the figures as they are now.
    func write(to text: inout ExpositionText)
}

/// All metrics of a process, in the order in which they are shown.
public struct MetricRegistry: Sendable {
    private let metrics: [any Metric]

    /// A registry of these; no two of them may show the same name.
    public init(_ metrics: [any Metric]) {
        self.metrics = metrics
    }

    /// Every figure as it is now, in Prometheus' text format (`ExpositionText`).
    public func exposition() -> [UInt8] {
        var text = ExpositionText()
        for metric in metrics { metric.write(to: &text) }
        return text.bytes
    }
}
