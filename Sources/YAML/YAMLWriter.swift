public import JSON

extension JSONValue {
    /// The value as a YAML document, in UTF-8, with a newline at its end.
    ///
    /// Any reader of YAML 1.1 or 1.2 reads the same data: a string stands without quotes only if it looks like a word, a
    /// path or a URL and is no word that either version gives a meaning; everything else is in double quotes, on one
    /// line. Numbers are written so that both versions take them for numbers.
    public func serializedAsYAML() -> [UInt8] {
        var writer = YAMLWriter()
        writer.node(self, indent: 0)
        writer.append("\n")
        return writer.output
    }
}

private struct YAMLWriter {
    var output: [UInt8] = []

    /// Longer keys are written behind a `?`: readers look for the colon of others in 1,024 characters only (YAML 1.2.2,
    /// section 7.4.2).
    private static let longestSimpleKey = 1_000

    /// Writes a node; the first line of it begins where the writer stands, the others `indent` spaces from the left.
    mutating func node(_ value: JSONValue, indent: Int) {
        switch value {
        case .null: append("null")
        case .bool(let value): append(value ? "true" : "false")
        case .number(let number): append(Self.number(number.literal))
        case .string(let text): append(Self.isPlain(text) ? text : Self.quoted(text))
        case .array(let elements) where elements.isEmpty: append("[]")
        case .object(let object) where object.isEmpty: append("{}")
        case .array(let elements):
            for (index, element) in elements.enumerated() {
                if index > 0 { newline(indent: indent) }
                append("- ")
                node(element, indent: indent + 2)
            }
        case .object(let object):
            for (index, member) in object.members.enumerated() {
                if index > 0 { newline(indent: indent) }
                key(member.key, indent: indent)
                if member.value.isBlock { newline(indent: indent + 2) } else { append(" ") }
                node(member.value, indent: indent + 2)
            }
        }
    }

    mutating func append(_ text: String) {
        output.append(contentsOf: text.utf8)
    }

    private mutating func key(_ key: String, indent: Int) {
        // A colon in a key would be read as its end by some.
        let text = Self.isPlain(key) && !key.utf8.contains(UInt8(ascii: ":")) ? key : Self.quoted(key)
        if text.utf8.count > Self.longestSimpleKey {
            append("? " + text)
            newline(indent: indent)
            append(":")
        } else {
            append(text + ":")
        }
    }

    private mutating func newline(indent: Int) {
        append("\n")
        output.append(contentsOf: repeatElement(0x20, count: indent))
    }

    /// Words that YAML 1.1 or 1.2 gives a meaning, in lower case.
    private static let reserved: Set = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"]

    /// Whether a string can stand without quotes: a letter, then letters, digits and `_ . / : -`, no colon at the end.
    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.utf8.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first | 0x20),
            text.utf8.last != UInt8(ascii: ":")
        else { return false }
        let isWord = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "_./:-".utf8.contains(byte)
            }
        }
        return isWord && !reserved.contains(text.lowercased())
    }

    /// A number as both versions write it: YAML 1.1 wants a point in what has an exponent, and the exponent's sign.
    private static func number(_ literal: String) -> String {
        guard let mark = literal.utf8.firstIndex(where: { $0 | 0x20 == UInt8(ascii: "e") }) else { return literal }
        let mantissa = literal[..<mark]
        let exponent = literal[literal.utf8.index(after: mark)...]
        let isSigned = exponent.hasPrefix("+") || exponent.hasPrefix("-")
        return mantissa + (mantissa.utf8.contains(UInt8(ascii: ".")) ? "" : ".0") + "e" + (isSigned ? "" : "+")
            + exponent
    }

    /// A double-quoted scalar (section 7.3.1) with every character escaped that is not printable everywhere.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case " "..."~", "\u{A0}"..<"\u{2028}", "\u{202A}"..<"\u{FEFF}", "\u{FF00}"..<"\u{FFFE}", "\u{10000}"...:
                result.unicodeScalars.append(scalar)
            default:
                let digits = String(scalar.value, radix: 16, uppercase: true)
                let width = scalar.value < 0x100 ? 2 : 4
                result +=
                    (width == 2 ? "\\x" : "\\u") + String(repeating: "0", count: width - digits.utf8.count) + digits
            }
        }
        return result + "\""
    }
}

extension JSONValue {
    /// Whether the writer needs lines of its own for it.
    fileprivate var isBlock: Bool {
        switch self {
        case .array(let elements): !elements.isEmpty
        case .object(let object): !object.isEmpty
        case .null, .bool, .number, .string: false
        }
    }
}
