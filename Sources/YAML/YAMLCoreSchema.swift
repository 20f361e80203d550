import JSON

/// The core schema of YAML 1.2.2, section 10.3.2: what a plain scalar without a tag means.
enum YAMLCoreSchema {
    /// Why a scalar has no JSON value.
    enum Fault: Error {
        /// `.inf` or `.nan`.
        case notFinite
        /// A number that cannot be stored exactly.
        case inexactNumber
    }

    /// What a plain scalar means.
    ///
    /// A number becomes JSON's notation of the same decimal value: `012` is 12, `0x1F` is 31, `+.5` is 0.5.
    static func value(ofPlain text: String) throws(Fault) -> JSONValue {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        default: break
        }
        let bytes = Array(text.utf8)
        guard let first = bytes.first, first.isDecimalDigit || "+-.".utf8.contains(first) else { return .string(text) }
        if bytes.starts(with: "0o".utf8) || bytes.starts(with: "0x".utf8) {
            return try based(bytes, written: text) ?? .string(text)
        }
        let isSigned = first == UInt8(ascii: "-") || first == UInt8(ascii: "+")
        let unsigned = bytes.dropFirst(isSigned ? 1 : 0)
        let words = [".inf", ".Inf", ".INF"] + (isSigned ? [] : [".nan", ".NaN", ".NAN"])
        guard !words.contains(where: { unsigned.elementsEqual($0.utf8) }) else { throw .notFinite }
        guard let literal = decimal(unsigned),
            let number = JSONNumber(first == UInt8(ascii: "-") ? "-" + literal : literal, written: text)
        else { return .string(text) }
        return .number(number)
    }

    /// `0o [0-7]+` and `0x [0-9a-fA-F]+`; `nil` for anything else.
    private static func based(_ bytes: [UInt8], written: String) throws(Fault) -> JSONValue? {
        let radix = bytes[1] == UInt8(ascii: "o") ? 8 : 16
        let digits = bytes.dropFirst(2).compactMap { Character(Unicode.Scalar($0)).hexDigitValue }.filter { $0 < radix }
        guard !digits.isEmpty, digits.count == bytes.count - 2 else { return nil }
        var value: UInt64 = 0
        for digit in digits {
            let (product, overflow) = value.multipliedReportingOverflow(by: UInt64(radix))
            guard !overflow else { throw .inexactNumber }
            // A multiple of the radix has room for one more digit.
            value = product + UInt64(digit)
        }
        return JSONNumber(String(value), written: written).map(JSONValue.number)
    }

    /// `( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?` in JSON's notation; `nil` for anything else.
    private static func decimal(_ bytes: ArraySlice<UInt8>) -> String? {
        var rest = bytes
        func digits() -> ArraySlice<UInt8> {
            let digits = rest.prefix(while: \.isDecimalDigit)
            rest = rest.dropFirst(digits.count)
            return digits
        }
        let whole = digits()
        var fraction: ArraySlice<UInt8> = []
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            fraction = digits()
        }
        guard !whole.isEmpty || !fraction.isEmpty else { return nil }
        var exponent: ArraySlice<UInt8> = []
        if let mark = rest.first, mark | 0x20 == UInt8(ascii: "e") {
            let start = rest.startIndex
            rest = rest.dropFirst()
            if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { rest = rest.dropFirst() }
            guard !digits().isEmpty else { return nil }
            exponent = bytes[start..<rest.startIndex]
        }
        guard rest.isEmpty else { return nil }
        let significant = whole.drop { $0 == UInt8(ascii: "0") }
        var literal = significant.isEmpty ? [UInt8(ascii: "0")] : Array(significant)
        if !fraction.isEmpty { literal += [UInt8(ascii: ".")] + fraction }
        literal += exponent
        return String(decoding: literal, as: UTF8.self)
    }
}

extension UInt8 {
    fileprivate var isDecimalDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}
