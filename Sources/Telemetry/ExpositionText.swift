/// Prometheus' text format, version 0.0.4: <https://prometheus.io/docs/instrumenting/exposition_formats/>.
public struct ExpositionText: Sendable {
    /// What Prometheus needs to know it by (`Content-Type`).
    public static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

    /// What a metric's figures mean to who adds them up.
    public enum Kind: String, Sendable {
        case counter, gauge, histogram
    }

    /// What has been written, UTF-8; whole lines.
    public private(set) var bytes: [UInt8] = []

    /// Nothing yet.
    public init() {}

    /// Begins a metric: its samples follow, without another metric's between them.
    public mutating func begin(_ name: String, _ kind: Kind, help: String) {
        append("# HELP \(name) \(Self.escaped(help, quotes: false))\n# TYPE \(name) \(kind.rawValue)\n")
    }

    /// A sample that is a whole number.
    public mutating func sample(_ name: String, _ value: UInt64, labels: [(name: String, value: String)] = []) {
        line(name, labels, String(value))
    }

    /// A sample that is any number.
    public mutating func sample(_ name: String, _ value: Double, labels: [(name: String, value: String)] = []) {
        line(name, labels, Self.text(value))
    }

    /// A number as the format has it: what Go's `ParseFloat` reads.
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
