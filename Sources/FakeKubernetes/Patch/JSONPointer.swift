/// A place in a JSON document (RFC 6901).
struct JSONPointer: Sendable, Equatable {
    /// The unescaped tokens, from the outermost inwards; none: the whole document.
    let tokens: [String]

    init(tokens: [String]) { self.tokens = tokens }

    /// - Returns: `nil` for a text that is neither empty nor begins with `/`.
    init?(_ text: String) {
        guard !text.isEmpty else {
            tokens = []
            return
        }
        guard text.utf8.first == UInt8(ascii: "/") else { return nil }
        tokens = text.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .map { Self.unescape($0) }
    }

    /// Whether this place lies inside the other one.
    func isInside(_ other: JSONPointer) -> Bool {
        tokens.count > other.tokens.count && zip(tokens, other.tokens).allSatisfy { $0.isSameText(as: $1) }
    }

    /// `~1` is `/` and `~0` is `~`; another `~` stays, as it does in the real server.
    private static func unescape(_ token: some Collection<UInt8>) -> String {
        var bytes: [UInt8] = []
        var rest = Array(token)[...]
        while let byte = rest.popFirst() {
            switch (byte, rest.first) {
            case (UInt8(ascii: "~"), UInt8(ascii: "0")?):
                rest.removeFirst()
                bytes.append(UInt8(ascii: "~"))
            case (UInt8(ascii: "~"), UInt8(ascii: "1")?):
                rest.removeFirst()
                bytes.append(UInt8(ascii: "/"))
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
