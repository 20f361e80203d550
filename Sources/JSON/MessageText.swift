extension String {
    /// The string in double quotes, for a message: cut to 80 Unicode scalars, quotes and backslashes escaped, and every
    /// character that cannot be seen or would break a line written as `\u{…}`.
    public var quotedForMessage: String {
        var short = ""
        for scalar in unicodeScalars.prefix(Self.maximumLengthInMessage) {
            if scalar.isInvisible {
                short += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
            } else if scalar == "\"" || scalar == "\\" {
                short += "\\\(scalar)"
            } else {
                short.unicodeScalars.append(scalar)
            }
        }
        let isCut = unicodeScalars.dropFirst(Self.maximumLengthInMessage).first != nil
        return "\"\(short)\"" + (isCut ? "…" : "")
    }

    /// How much of a string a message repeats, in Unicode scalars.
    private static var maximumLengthInMessage: Int { 80 }
}

extension Unicode.Scalar {
    /// Whether a reader cannot see the character, or takes it for a space: controls, every white space but the space
    /// itself, format characters (zero width, direction marks), and what Unicode calls ignorable.
    public var isInvisible: Bool {
        if (0x21..<0x7F).contains(value) || self == " " { return false }
        return switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator: true
        // U+2800 is a pattern of no dots.
        default: properties.isDefaultIgnorableCodePoint || value == 0x2800
        }
    }

    /// The character in words, for a message: `a space`, `'~'`, `U+200B (zero width space)`.
    public var descriptionForMessage: String {
        switch self {
        case " ": return "a space"
        case "\t": return "a tab"
        case "\n", "\r": return "a line break"
        case _ where !isInvisible: return "'\(self)'"
        default:
            let digits = String(value, radix: 16, uppercase: true)
            let code = "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
            guard let name = properties.name else { return "the control character \(code)" }
            return "\(code) (\(name.lowercased()))"
        }
    }
}
