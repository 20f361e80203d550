/// The name of a tool: `^[a-z]([-a-z0-9]*[a-z0-9])?$`, at most 58 characters, because the namespace `tool-<name>` has room
/// for 63 (Toolforge's rule, and RFC 1123's for labels).
public struct ToolName: Sendable, Hashable, CustomStringConvertible {
    /// The longest name, in characters.
    public static let maximumLength = 58
    /// The rule as a regular expression, its length aside.
    public static let pattern = "^[a-z]([-a-z0-9]*[a-z0-9])?$"

    /// The name; ASCII only, so that equal strings are equal bytes.
    public let value: String

    /// The name, or `nil` if `value` breaks the rule.
    public init?(_ value: String) {
        guard value.utf8.count <= Self.maximumLength, let first = value.utf8.first, DNSLabel.isLowercaseLetter(first),
            DNSLabel.isLabel(value)
        else { return nil }
        self.value = value
    }

    /// The name.
    public var description: String { value }
}

/// RFC 1123's labels, as Kubernetes reads them: lower-case letters, digits and `-`, neither first nor last a `-`.
enum DNSLabel {
    static func isLowercaseLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
    static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    /// Whether `text` is a label, its length aside.
    static func isLabel(_ text: String) -> Bool {
        let dash = UInt8(ascii: "-")
        guard let first = text.utf8.first, let last = text.utf8.last, first != dash, last != dash else { return false }
        return text.utf8.allSatisfy { isLowercaseLetter($0) || isDigit($0) || $0 == dash }
    }
}
