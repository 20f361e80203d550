/// A JSON number as it was written (RFC 8259, section 6).
///
/// Two are equal when their decimal values are: `1.0` is `1`, and
/// `-0` is `0`.
public struct JSONNumber: Sendable, Equatable {
    /// The text of the number, which always follows RFC 8259's grammar.
    public let literal: String

    /// A number that was read, whose grammar the reader has checked.
    init(checked literal: String) {
        self.literal = literal
    }

    /// That integer.
    public init(_ value: some BinaryInteger) {
        literal = String(value)
    }

    /// That number, written with the fewest digits that read back as the same one; `nil` for NaN and infinity, which
    /// JSON has no words for.
    public init?(_ value: Double) {
        guard value.isFinite else { return nil }
        literal = value.description
    }

    /// The number of that text, or `nil` if it does not follow RFC 8259's grammar.
    public init?(_ literal: String) {
        guard JSONNumberGrammar.matches(literal) else { return nil }
        self.literal = literal
    }

    /// The value, if it is written as an integer and fits.
    public var int64: Int64? { Int64(literal) }

    /// The nearest binary64 value; `nil` where the number is beyond its range.
    public var double: Double? { Double(literal).flatMap { $0.isFinite ? $0 : nil } }

    /// Whether a store that keeps integers as 64-bit signed and everything else as binary64, and writes the shortest
    /// digits that read back the same, gives back the same decimal value.
    ///
    /// So does the Kubernetes API server with custom
    /// resources: `1.0` comes back as `1`, but 2^63 as 9223372036854775808's neighbour 9223372036854776000.
    public var survivesStorage: Bool {
        if int64 != nil { return true }
        guard let nearest = double else { return false }
        return DecimalDigits(literal) == DecimalDigits(nearest.description)
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
    /// The power of ten that the last digit stands for; saturates far beyond what any number here can mean.
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
}
