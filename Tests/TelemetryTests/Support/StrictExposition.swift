import Testing

@testable import Telemetry

/// A reader of Prometheus' text format that takes nothing but what the format's description says.
///
/// It knows each sample by its name with its labels, as they were written.
struct StrictExposition {
    struct Fault: Error, CustomStringConvertible {
        var description: String
    }

    private(set) var samples: [String: Double] = [:]
    private(set) var kinds: [String: String] = [:]
    private(set) var order: [String] = []

    init(_ metrics: any Metric...) throws {
        try self.init(MetricRegistry(metrics).exposition())
    }

    init(_ bytes: [UInt8]) throws {
        let text = try #require(String(validating: bytes, as: UTF8.self))
        guard text.isEmpty || text.hasSuffix("\n") else { throw Fault(description: "the last line has no end") }
        var current: String?
        var helped: Set<String> = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            if let match = line.wholeMatch(of: /# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) ((?:[^\\]|\\\\|\\n)*)/) {
                guard helped.insert(String(match.1)).inserted else { throw Fault(description: "HELP twice: \(line)") }
            } else if let match = line.wholeMatch(
                of: /# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)/)
            {
                let name = String(match.1)
                guard kinds[name] == nil, helped.contains(name) else {
                    throw Fault(description: "TYPE twice, or without HELP: \(line)")
                }
                kinds[name] = String(match.2)
                current = name
            } else {
                guard let current else { throw Fault(description: "a sample of no metric: \(line)") }
                try add(line, of: current)
            }
        }
    }

    private mutating func add(_ line: Substring, of metric: String) throws {
        let pattern =
            /([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\]|\\["\\n])*",?)+\})? (NaN|[+-]Inf|[-+0-9.e]+)/
        guard let match = line.wholeMatch(of: pattern) else { throw Fault(description: "no sample: \(line)") }
        let suffixes = kinds[metric] == "histogram" ? ["_bucket", "_sum", "_count"] : [""]
        guard suffixes.contains(where: { metric + $0 == match.1 }) else {
            throw Fault(description: "a sample of another metric: \(line)")
        }
        let key = String(match.1) + String(match.2 ?? "")
        guard samples[key] == nil else { throw Fault(description: "twice: \(line)") }
        guard let value = Double(String(match.3)) else { throw Fault(description: "no number: \(line)") }
        samples[key] = value
        order.append(key)
    }
}

/// Two labels, for tests.
struct Pair: MetricLabels {
    static let names = ["first", "second"]
    var first: String
    var second = "x"
    var values: [String] { [first, second] }
}
