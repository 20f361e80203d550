/// Prometheus' text format, version 0.0.4: <https://prometheus.io/docs/instrumenting/exposition_formats/>.
public struct ExpositionText: Sendable {
    /// The value of `Content-Type`.
    public static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

    /// The kind of a metric, as Prometheus aggregates it.
    public enum Kind: String, Sendable {
        case counter, gauge, histogram
    }

    /// The text so far: UTF-8, whole lines.
    public private(set) var bytes: [UInt8] = []

    /// An empty text.
    public init() {}

    /// Begins a metric.
    ///
    /// All its samples must follow before the next metric begins.
    public mutating func begin(_ name: String, _ kind: Kind, help: String) {
        append("# HELP \(name) \(Self.escaped(help, quotes: false))\n# TYPE \(name) \(kind.rawValue)\n")
    }

    /// Writes a sample of an integer.
    public mutating func sample(_ name: String, _ value: UInt64, labels: [(name: String, value: String)] = []) {
        line(name, labels, String(value))
    }

    /// Writes a sample of any number.
    public mutating func sample(_ name: String, _ value: Double, labels: [(name: String, value: String)] = []) {
        line(name, labels, Self.text(value))
    }

    /// A number in the format's notation, which Go's `ParseFloat` reads.
    static func text(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return value.description
    }

    private mutating func line(_ name: String, _ labels: [(name: String, value: String)], _ value: String) {
        append(name)
        if !labels.isEmpty {
            let pairs = labels.map { "\($0.name)=\"\(Self.escaped($0.value, quotes: true))\"" }
            append("{\(pairs.joined(separator: ","))}")
        }
        append(" \(value)\n")
    }

    private mutating func append(_ text: String) { bytes += Array(text.utf8) }

    /// A `\`, a line feed and, in label values, a `"` are escaped; nothing else is special.
    private static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
