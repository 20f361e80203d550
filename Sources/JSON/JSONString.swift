extension [UInt8] {
    /// Appends a string as JSON writes it (RFC 8259, section 7): in quotes, only what must be escaped escaped.
    ///
    /// For who writes many small objects of known names, as a log does: no `JSONValue` is made.
    public mutating func append(json string: String) {
        append(UInt8(ascii: "\""))
        var string = string
        string.withUTF8 { bytes in
            var plain = bytes[0...]
            // What need not be escaped goes in as few pieces as there are, most often in one.
            while let index = plain.firstIndex(where: { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C }) {
                append(contentsOf: UnsafeBufferPointer(rebasing: plain[..<index]))
                appendEscape(of: plain[index])
                plain = plain[(index + 1)...]
            }
            append(contentsOf: UnsafeBufferPointer(rebasing: plain))
        }
        append(UInt8(ascii: "\""))
    }

    /// Appends a text of the source.
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
