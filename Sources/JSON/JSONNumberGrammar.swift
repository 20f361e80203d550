/// RFC 8259, section 6: `[ minus ] int [ frac ] [ exp ]`.
enum JSONNumberGrammar {
    /// How many bytes at the start of `text` are a number, or `nil` if it does not begin with a whole one.
    static func length(in text: ArraySlice<UInt8>) -> Int? {
        var remaining = text
        if remaining.first == UInt8(ascii: "-") { remaining = remaining.dropFirst() }
        if remaining.first == UInt8(ascii: "0") {
            remaining = remaining.dropFirst()
        } else {
            guard skipDigits(&remaining) else { return nil }
        }
        if remaining.first == UInt8(ascii: ".") {
            remaining = remaining.dropFirst()
            guard skipDigits(&remaining) else { return nil }
        }
        if let byte = remaining.first, byte | 0x20 == UInt8(ascii: "e") {
            remaining = remaining.dropFirst()
            if let sign = remaining.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
                remaining = remaining.dropFirst()
            }
            guard skipDigits(&remaining) else { return nil }
        }
        return remaining.startIndex - text.startIndex
    }

    /// Whether all of `text` is one number.
    static func matches(_ text: String) -> Bool {
        length(in: ArraySlice(text.utf8)) == text.utf8.count
    }

    /// Steps over digits; `false` if there is none.
    private static func skipDigits(_ remaining: inout ArraySlice<UInt8>) -> Bool {
        let rest = remaining.drop { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        defer { remaining = rest }
        return rest.startIndex != remaining.startIndex
    }
}
