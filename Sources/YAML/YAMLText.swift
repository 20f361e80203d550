import JSON

/// What is checked of a text before the parser sees it.
enum YAMLText {
    /// Refuses what is not plain UTF-8 and what YAML 1.2 (section 5.1) does not let stand unescaped.
    ///
    /// So are the line separators U+0085, U+2028 and U+2029: YAML 1.1 breaks lines at them, 1.2 does not, and a reader of
    /// either would change somebody's text.
    static func check(_ text: [UInt8]) throws(YAMLError) {
        if let fault = text.encodingFault { throw YAMLError(fault.message, at: fault.offset, in: text) }
        if let offset = firstExcessiveDirective(in: text) {
            throw YAMLError("tags are not read: leave the %TAG directives out", at: offset, in: text)
        }
        if let offset = firstForbidden(in: text) {
            throw YAMLError(
                "a control character or a line separator must be written as an escape in double quotes", at: offset,
                in: text)
        }
    }

    /// More lines than this do not begin like a `%TAG` directive: the parser compares each with all others.
    private static let maximumTagDirectives = 16

    /// The first line of too many that begin like a `%TAG` directive.
    private static func firstExcessiveDirective(in text: [UInt8]) -> Int? {
        var count = 0
        var isLineStart = true
        for (offset, byte) in text.enumerated() {
            if isLineStart, byte == UInt8(ascii: "%"), text[offset...].starts(with: "%TAG".utf8) {
                count += 1
                if count > maximumTagDirectives { return offset }
            }
            isLineStart = byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
        }
        return nil
    }

    /// The first byte of the first character that may not stand there, in a text known to be UTF-8.
    private static func firstForbidden(in text: [UInt8]) -> Int? {
        for (offset, byte) in text.enumerated() {
            switch byte {
            case 0x09, 0x0A, 0x0D, 0x20..<0x7F: continue
            case 0..<0x20, 0x7F: return offset
            // U+0080 to U+009F.
            case 0xC2 where text[offset + 1] < 0xA0: return offset
            // U+2028 and U+2029.
            case 0xE2 where text[offset + 1] == 0x80 && (text[offset + 2] == 0xA8 || text[offset + 2] == 0xA9):
                return offset
            // U+FEFF, and the noncharacters U+FFFE and U+FFFF.
            case 0xEF where text[offset + 1] == 0xBB && text[offset + 2] == 0xBF: return offset
            case 0xEF where text[offset + 1] == 0xBF && text[offset + 2] >= 0xBE: return offset
            default: continue
            }
        }
        return nil
    }
}
