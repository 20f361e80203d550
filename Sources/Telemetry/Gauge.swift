import Synchronization

/// A figure that goes up and down; free of locks.
public final class Gauge: Metric {
    private let name: String
    private let help: String
    private let value = Atomic<Int>(0)

    /// A gauge that stands at 0.
    public init(_ name: String, help: String) {
        self.name = name
        self.help = help
    }

    /// Moves it up, or down by a negative number.
    public func add(_ difference: Int) { value.wrappingAdd(difference, ordering: .relaxed) }

    /// The figure as it is now.
    public func write(to text: inout ExpositionText) {
        text.begin(name, .gauge, help: help)
        text.sample(name, Double(value.load(ordering: .relaxed)))
    }
}

/// A figure of 1 whose labels tell what this process is.
public struct Information: Metric {
    private let name: String
    private let help: String
    private let labels: [(name: String, value: String)]

    /// An account of the process; `name` ends in `_info`.
    public init(_ name: String, help: String, labels: KeyValuePairs<String, String>) {
        self.name = name
        self.help = help
        self.labels = labels.map { (name: $0.key, value: $0.value) }
    }

    /// Always the same.
    public func write(to text: inout ExpositionText) {
        text.begin(name, .gauge, help: help)
        text.sample(name, 1 as UInt64, labels: labels)
    }
}
