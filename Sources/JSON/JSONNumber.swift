/// A JSON number as it was written (RFC 8259, section 6).
///
/// Two numbers are equal when their decimal values are: `1.0` is `1`, and `-0` is `0`.
public struct JSONNumber: Sendable, Equatable {
    /// A number's text; indirect where there are two, so that a `JSONValue` stays as small as a string.
    private enum Text {
        case literal(String)
        indirect case other(written: String, literal: String)
    }

    private let text: Text

    /// The number in RFC 8259's grammar.
    public var literal: String {
        switch text {
        case .literal(let literal), .other(_, let literal): literal
        }
    }

    /// The text that the author wrote: the literal, or the same number in another notation, such as YAML's `0777`.
    public var written: String {
        switch text {
        case .literal(let literal): literal
        case .other(let written, _): written
        }
    }

    /// A literal whose grammar the reader has checked.
    init(checked literal: String) {
        text = .literal(literal)
    }

    /// That integer.
    public init(_ value: some BinaryInteger) {
        text = .literal(String(value))
    }

    /// That number, written with the fewest digits that read back as the same one; `nil` for NaN and infinity, which
    /// JSON cannot express.
    public init?(_ value: Double) {
        guard value.isFinite else { return nil }
        text = .literal(value.description)
    }

    /// The number of that literal, or `nil` if it does not follow RFC 8259's grammar.
    ///
    /// - Parameter written: the text that the author wrote, if it is not the literal.
    public init?(_ literal: String, written: String? = nil) {
        guard JSONNumberGrammar.matches(literal) else { return nil }
        if let written, written != literal {
            text = .other(written: written, literal: literal)
        } else {
            text = .literal(literal)
        }
    }

    /// The value, if it is written as an integer and fits.
    public var int64: Int64? { Int64(literal) }

    /// The nearest binary64 value; `nil` where the number is beyond its range.
    public var double: Double? { Double(literal).flatMap { $0.isFinite ? $0 : nil } }

    /// Whether the Kubernetes API server gives a custom resource back with the same decimal value.
    ///
    /// It keeps integers as 64-bit signed numbers and all others as binary64: `1.0` comes back as `1`, but
    /// 9223372036854775808 (2^63) as 9223372036854776000.
    public var survivesStorage: Bool {
        if int64 != nil { return true }
        guard let nearest = double else { return false }
        return DecimalDigits(literal) == DecimalDigits(nearest.description)
    }

    /// The text in which the API server gives the number back: `1` for `1.0`, `3.1` for `3.10`.
    ///
    /// That is Go's notation of an integer or of the nearest binary64 value. A number beyond the range of binary64,
    /// which is not stored, is its own literal.
    public var storedText: String {
        if let int64 { return String(int64) }
        guard let double else { return literal }
        return DecimalDigits(double.description).notation
    }

    /// Whether both have the same decimal value.
    public static func == (left: JSONNumber, right: JSONNumber) -> Bool {
        left.literal == right.literal || DecimalDigits(left.literal) == DecimalDigits(right.literal)
    }
}

/// A number's decimal value in its one normal form: no zeros at either end of the digits.
struct DecimalDigits: Equatable {
    private var isNegative = false
    private var digits: [UInt8] = []
    /// The power of ten of the last digit; saturates far beyond the range of any number here.
    private var exponent = 0

    /// The value of a text that follows JSON's grammar, or Swift's description of a finite `Double`, which is the same.
    init(_ literal: String) {
        var written = 0
        var isFraction = false
        var remaining = Substring(literal).utf8
        if remaining.first == UInt8(ascii: "-") {
            isNegative = true
            remaining = remaining.dropFirst()
        }
        while let byte = remaining.first, byte | 0x20 != UInt8(ascii: "e") {
            remaining = remaining.dropFirst()
            if byte == UInt8(ascii: ".") {
                isFraction = true
            } else {
                digits.append(byte)
                if isFraction { exponent -= 1 }
            }
        }
        if !remaining.isEmpty {
            remaining = remaining.dropFirst()
            let isNegativeExponent = remaining.first == UInt8(ascii: "-")
            for byte in remaining where byte >= UInt8(ascii: "0") {
                written = min(written * 10 + Int(byte - UInt8(ascii: "0")), 1_000_000_000)
            }
            exponent += isNegativeExponent ? -written : written
        }
        let zero = UInt8(ascii: "0")
        digits = Array(digits.drop { $0 == zero })
        while digits.last == zero {
            digits.removeLast()
            exponent += 1
        }
        if digits.isEmpty {
            isNegative = false
            exponent = 0
        }
    }
    /// The value as Go's `encoding/json` writes a binary64 number: with an exponent below 1e-6 and from 1e21 on.
    var notation: String {
        guard !digits.isEmpty else { return "0" }
        let text = String(decoding: digits, as: UTF8.self)
        let sign = isNegative ? "-" : ""
        /// The power of ten of the first digit.
        let magnitude = exponent + digits.count - 1
        guard (-6..<21).contains(magnitude) else {
            let fraction = text.dropFirst().isEmpty ? "" : "." + text.dropFirst()
            let power = magnitude < 0 ? "e-\(-magnitude)" : "e+\(magnitude)"
            return sign + text.prefix(1) + fraction + power
        }
        if exponent >= 0 { return sign + text + String(repeating: "0", count: exponent) }
        if magnitude < 0 { return sign + "0." + String(repeating: "0", count: -magnitude - 1) + text }
        return sign + text.prefix(magnitude + 1) + "." + text.dropFirst(magnitude + 1)
    }
}

/// RFC 8259, section 6: `[ minus ] int [ frac ] [ exp ]`.
enum JSONNumberGrammar {
    /// The length in bytes of the number at the start of `text`, or `nil` if there is none.
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

    /// Removes leading digits; `false` if there is none.
    private static func skipDigits(_ remaining: inout ArraySlice<UInt8>) -> Bool {
        let rest = remaining.drop { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        defer { remaining = rest }
        return rest.startIndex != remaining.startIndex
    }
}
