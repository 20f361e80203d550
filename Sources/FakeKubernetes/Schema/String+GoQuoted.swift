extension String {
    /// The text in double quotes, escaped as Go's `%q` does it.
    var goQuoted: String {
        var quoted = "\""
        for scalar in unicodeScalars {
            switch scalar {
            case "\"": quoted += #"\""#
            case "\\": quoted += #"\\"#
            case "\u{07}": quoted += #"\a"#
            case "\u{08}": quoted += #"\b"#
            case "\u{0C}": quoted += #"\f"#
            case "\n": quoted += #"\n"#
            case "\r": quoted += #"\r"#
            case "\t": quoted += #"\t"#
            case "\u{0B}": quoted += #"\v"#
            case _ where scalar.isPrintableToGo: quoted.unicodeScalars.append(scalar)
            default:
                let digits = String(scalar.value, radix: 16)
                let (prefix, width) =
                    switch scalar.value {
                    case 0..<0x80: (#"\x"#, 2)
                    case 0..<0x10000: (#"\u"#, 4)
                    default: (#"\U"#, 8)
                    }
                quoted += prefix + String(repeating: "0", count: width - digits.count) + digits
            }
        }
        return quoted + "\""
    }
}

extension Unicode.Scalar {
    /// Letters, marks, numbers, punctuation, symbols and the ASCII space.
    fileprivate var isPrintableToGo: Bool {
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        case .spaceSeparator: self == " "
        default: true
        }
    }
}
