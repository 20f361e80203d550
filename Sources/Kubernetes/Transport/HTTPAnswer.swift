import JSON

/// An answer, read to its end.
struct HTTPAnswer: Sendable {
    var status: Int
    var retryAfter: String?
    var body: [UInt8]

    var isSuccess: Bool { (200..<300).contains(status) }

    /// The body as JSON, or `nil` if it is none: the bytes are bounded, so the time is.
    var json: JSONValue? { try? JSONValue(parsing: body, limits: .trusted) }
}
