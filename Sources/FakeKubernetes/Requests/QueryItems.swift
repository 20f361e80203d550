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

    /// Whether the parameter is true by Go's form decoding.
    func isSet(_ name: String) -> Bool {
        guard let value = self[name] else { return false }
        return value != "0" && value != "false"
    }

    private static func decoded(_ text: Substring) -> String {
        PercentEncoding.decoded(text.utf8.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 })
    }
}

/// Percent-encoding of URLs.
enum PercentEncoding {
    /// The bytes with every valid `%XX` decoded.
    static func decoded(_ bytes: some Collection<UInt8>) -> String {
        var result: [UInt8] = []
        var iterator = Array(bytes)[...]
        while let byte = iterator.popFirst() {
            let digits = iterator.prefix(2)
            if byte == UInt8(ascii: "%"), digits.count == 2,
                let code = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            {
                result.append(code)
                iterator = iterator.dropFirst(2)
            } else {
                result.append(byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
