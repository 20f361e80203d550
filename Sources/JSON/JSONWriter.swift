extension JSONValue {
    /// How a value is written.
    public enum Style: Sendable {
        /// One line, no white space.
        case compact
        /// For people: a line a member, two spaces a level.
        case indented
    }

    /// The value as UTF-8 text: keys in their order, numbers as they were read, only what must be escaped escaped.
    ///
    /// What was read with `init(parsing:limits:)` reads back as an equal value.
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

extension String {
    /// The string in quotes, cut to a length that fits a message, with nothing in it that could break a line.
    public var quotedForMessage: String {
        var short = ""
        for scalar in unicodeScalars.prefix(Self.maximumLengthInMessage) {
            switch scalar.properties.generalCategory {
            // A direction changed, or a line broken, by somebody's name would change how the rest of the message looks.
            case .control, .format, .lineSeparator, .paragraphSeparator:
                short += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
            case _ where scalar == "\"" || scalar == "\\":
                short += "\\\(scalar)"
            default:
                short.unicodeScalars.append(scalar)
            }
        }
        let isCut = unicodeScalars.dropFirst(Self.maximumLengthInMessage).first != nil
        return "\"\(short)\"" + (isCut ? "…" : "")
    }

    /// How much of a string a message repeats, in Unicode scalars.
    private static var maximumLengthInMessage: Int { 80 }
}
