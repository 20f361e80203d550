import Components
import Foundation
import JSON

/// The query of a request for a log.
struct BuildLogParameters {
    /// The greatest `tail` that is accepted.
    static let maximumTail = 1_000_000_000

    /// Which part of the log is wanted.
    let query: BuildLogQuery
    /// Whether lines of text show their times.
    let showsTimes: Bool

    /// - Throws: `RequestFault.invalidQuery`.
    init(_ query: Query) throws(RequestFault) {
        showsTimes = try Self.bool("timestamps", query)
        var wanted = BuildLogQuery(follow: try Self.bool("follow", query))
        if let text = query["tail"] {
            guard let number = Int(text), (0...Self.maximumTail).contains(number), text.first != "+" else {
                throw .invalidQuery(
                    "tail is \(text.quotedForMessage); it must be a number from 0 to \(Self.maximumTail)")
            }
            wanted.tailLines = number
        }
        if let text = query["since"] {
            guard let date = Self.date(text) else {
                throw .invalidQuery(
                    "since is \(text.quotedForMessage); it must be a time as RFC 3339 has it, as 2026-11-22T10:15:00Z")
            }
            wanted.since = date
        }
        self.query = wanted
    }

    private static func bool(_ name: String, _ query: Query) throws(RequestFault) -> Bool {
        switch query[name] {
        case nil, "false": return false
        case "true": return true
        case let text?: throw .invalidQuery("\(name) is \(text.quotedForMessage); it must be true or false")
        }
    }

    /// A time with or without a fraction, which the cluster does not look at.
    private static func date(_ text: String) -> Date? {
        (try? Date(text, strategy: .iso8601))
            ?? (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
    }
}
