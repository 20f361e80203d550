extension JSONValue {
    /// How a value is written.
    public enum Style: Sendable {
        /// One line, no white space.
        case compact
        /// For people: one line for each member, two spaces for each level.
        case indented
    }

    /// The value as UTF-8 text: keys in their order, numbers as literals, only what must be escaped escaped.
    ///
    /// The text of a value that was read with `init(parsing:limits:)` reads back as an equal value.
    public func serialized(_ style: Style = .compact) -> [UInt8] {
        var writer = JSONWriter(isIndented: style == .indented)
        writer.output.reserveCapacity(512)
        writer.write(self, level: 0)
        return writer.output
    }

    /// `serialized(_:)` as a string.
    public func text(_ style: Style = .compact) -> String {
        String(decoding: serialized(style), as: UTF8.self)
    }
}

private struct JSONWriter {
    let isIndented: Bool
    var output: [UInt8] = []

    mutating func write(_ value: JSONValue, level: Int) {
        switch value {
        case .null: append("null")
        case .bool(let value): append(value ? "true" : "false")
        case .number(let value): output.append(contentsOf: value.literal.utf8)
        case .string(let value): output.append(json: value)
        case .array(let elements):
            list(open: "[", close: "]", count: elements.count, level: level) { writer, index in
                writer.write(elements[index], level: level + 1)
            }
        case .object(let object):
            list(open: "{", close: "}", count: object.count, level: level) { writer, index in
                let member = object.members[index]
                writer.output.append(json: member.key)
                writer.output.append(UInt8(ascii: ":"))
                if writer.isIndented { writer.output.append(UInt8(ascii: " ")) }
                writer.write(member.value, level: level + 1)
            }
        }
    }

    private mutating func list(
        open: Unicode.Scalar, close: Unicode.Scalar, count: Int, level: Int, item: (inout JSONWriter, Int) -> Void
    ) {
        output.append(UInt8(ascii: open))
        for index in 0..<count {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            newline(level: level + 1)
            item(&self, index)
        }
        if count > 0 { newline(level: level) }
        output.append(UInt8(ascii: close))
    }

    private mutating func newline(level: Int) {
        guard isIndented else { return }
        output.append(UInt8(ascii: "\n"))
        output.append(contentsOf: repeatElement(0x20, count: 2 * level))
    }

    private mutating func append(_ text: StaticString) { output.append(text) }
}

extension [UInt8] {
    /// Appends a string as JSON writes it (RFC 8259, section 7): in quotes, only what must be escaped escaped.
    ///
    /// For a caller that writes many small objects of known names, such as a log: no `JSONValue` is made.
    public mutating func append(json string: String) {
        append(UInt8(ascii: "\""))
        var string = string
        string.withUTF8 { bytes in
            var plain = bytes[0...]
            // Text that needs no escape is appended in as few pieces as possible, most often one.
            while let index = plain.firstIndex(where: { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C }) {
                append(contentsOf: UnsafeBufferPointer(rebasing: plain[..<index]))
                appendEscape(of: plain[index])
                plain = plain[(index + 1)...]
            }
            append(contentsOf: UnsafeBufferPointer(rebasing: plain))
        }
        append(UInt8(ascii: "\""))
    }

    /// Appends a literal of the source code.
    public mutating func append(_ text: StaticString) {
        append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func appendEscape(of byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append("\\\"")
        case UInt8(ascii: "\\"): append("\\\\")
        case UInt8(ascii: "\n"): append("\\n")
        case UInt8(ascii: "\r"): append("\\r")
        case UInt8(ascii: "\t"): append("\\t")
        default:
            append(byte < 16 ? "\\u000" : "\\u00")
            append(contentsOf: String(byte, radix: 16).utf8)
        }
    }
}
