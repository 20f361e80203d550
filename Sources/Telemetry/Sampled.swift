/// Values that are asked for at each scrape, because something else keeps them.
public struct Sampled<Labels: MetricLabels>: Metric {
    private let name: String
    private let help: String
    private let kind: ExpositionText.Kind
    private let read: @Sendable () -> [Labels: Double]

    /// A metric whose values are what `read` returns.
    ///
    /// - Parameters:
    ///   - name: ends in `_total` if it is a counter.
    ///   - kind: `.gauge`, or `.counter` if the values never decrease.
    public init(
        _ name: String, help: String, kind: ExpositionText.Kind = .gauge,
        read: @escaping @Sendable () -> [Labels: Double]
    ) {
        self.name = name
        self.help = help
        self.kind = kind
        self.read = read
    }

    /// Writes the current values.
    public func write(to text: inout ExpositionText) {
        text.begin(name, kind, help: help)
        for (labels, value) in read().sorted(by: { $0.key.precedes($1.key) }) {
            text.sample(name, value, labels: labels.pairs)
        }
    }
}

extension Sampled<NoLabels> {
    /// A gauge of one series.
    public init(_ name: String, help: String, read: @escaping @Sendable () -> Double) {
        self.init(name, help: help) { [NoLabels(): read()] }
    }
}
