/// The client's name for a deployment before it exists, so that asking twice starts it once: `[A-Za-z0-9._-]{1,128}`.
///
/// A deployment's id is a function of tool and key, so the store's uniqueness of names is the only lock, and the key is in
/// use as long as the record exists.
public struct IdempotencyKey: Sendable, Hashable {
    /// The longest key, in characters.
    public static let maximumLength = 128
    /// The rule as a regular expression, its length aside.
    public static let pattern = "^[A-Za-z0-9._-]+$"

    /// The key; ASCII only, so that equal strings are equal bytes.
    public let value: String

    /// The key, or `nil` if `value` breaks the rule.
    public init?(_ value: String) {
        guard (1...Self.maximumLength).contains(value.utf8.count), value.utf8.allSatisfy(Self.isAllowed) else {
            return nil
        }
        self.value = value
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
