/// The query of a URL, decoded; `+` is a space, as Go reads it.
struct QueryItems: Sendable {
    private var items: [(name: String, value: String)] = []

    init(_ query: String) {
        for part in query.split(separator: "&") {
            let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            items.append((Self.decoded(halves[0]), halves.count > 1 ? Self.decoded(halves[1]) : ""))
        }
    }

    /// The first value of that name.
    subscript(name: String) -> String? { items.first { $0.name == name }?.value }

    /// Whether the parameter says yes, as Go's form decoding takes it.
    func isSet(_ name: String) -> Bool {
        guard let value = self[name] else { return false }
        return value != "0" && value != "false"
    }

    private static func decoded(_ text: Substring) -> String {
        PercentEncoding.decoded(text.utf8.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 })
    }
}
