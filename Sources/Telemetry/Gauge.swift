import Synchronization

/// A value that goes up and down; lock-free.
public final class Gauge: Metric {
    private let name: String
    private let help: String
    private let value = Atomic<Int>(0)

    /// A gauge that starts at 0.
    public init(_ name: String, help: String) {
        self.name = name
        self.help = help
    }

    /// Adds a difference, which may be negative.
    public func add(_ difference: Int) { value.wrappingAdd(difference, ordering: .relaxed) }

    /// Writes the current value.
    public func write(to text: inout ExpositionText) {
        text.begin(name, .gauge, help: help)
        text.sample(name, Double(value.load(ordering: .relaxed)))
    }
}

/// A constant 1 whose labels describe the process.
public struct Information: Metric {
    private let name: String
    private let help: String
    private let labels: [(name: String, value: String)]

    /// A description of the process; `name` ends in `_info`.
    public init(_ name: String, help: String, labels: KeyValuePairs<String, String>) {
        self.name = name
        self.help = help
        self.labels = labels.map { (name: $0.key, value: $0.value) }
    }

    /// Writes the 1 with its labels.
    public func write(to text: inout ExpositionText) {
        text.begin(name, .gauge, help: help)
        text.sample(name, 1 as UInt64, labels: labels)
    }
}
