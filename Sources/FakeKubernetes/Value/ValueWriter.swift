extension Value {
    /// The value as the real server writes it: no white space, keys in order of bytes, numbers as Go formats them.
    public func serialized() -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(512)
        write(to: &output)
        return output
    }

    /// `serialized()` as a string.
    public var text: String { String(decoding: serialized(), as: UTF8.self) }

    func write(to output: inout [UInt8]) {
        switch self {
        case .null: output.append(contentsOf: "null".utf8)
        case .bool(let bool): output.append(contentsOf: (bool ? "true" : "false").utf8)
        case .int(let int): output.append(contentsOf: String(int).utf8)
        case .double(let double): output.append(contentsOf: double.goLiteral.utf8)
        case .string(let string): string.writeJSON(to: &output)
        case .array(let elements):
            output.append(UInt8(ascii: "["))
            var isFirst = true
            for element in elements {
                if !isFirst { output.append(UInt8(ascii: ",")) }
                isFirst = false
                element.write(to: &output)
            }
            output.append(UInt8(ascii: "]"))
        case .object(let members):
            output.append(UInt8(ascii: "{"))
            var isFirst = true
            for member in members {
                if !isFirst { output.append(UInt8(ascii: ",")) }
                isFirst = false
                member.key.writeJSON(to: &output)
                output.append(UInt8(ascii: ":"))
                member.value.write(to: &output)
            }
            output.append(UInt8(ascii: "}"))
        }
    }
}

extension String {
    fileprivate func writeJSON(to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: "\""): output.append(contentsOf: #"\""#.utf8)
            case UInt8(ascii: "\\"): output.append(contentsOf: #"\\"#.utf8)
            case 0x0A: output.append(contentsOf: #"\n"#.utf8)
            case 0x0D: output.append(contentsOf: #"\r"#.utf8)
            case 0x09: output.append(contentsOf: #"\t"#.utf8)
            case 0..<0x20:
                output.append(contentsOf: #"\u00"#.utf8)
                output.append(UInt8(ascii: byte < 0x10 ? "0" : "1"))
                output.append(contentsOf: String(byte & 0x0F, radix: 16).utf8)
            default: output.append(byte)
            }
        }
        output.append(UInt8(ascii: "\""))
    }
}

extension Double {
    /// The shortest decimal that reads back as this number, laid out as Go's `encoding/json` does.
    ///
    /// Plain digits from 1e-6 up to, not including, 1e21; beyond, an exponent with its sign and no leading zero. Negative
    /// zero is `0`: so it comes back from the real store.
    var goLiteral: String {
        guard self != 0 else { return "0" }
        let (digits, exponent) = magnitude.shortestDecimal
        let sign = self < 0 ? "-" : ""
        guard magnitude < 1e-6 || magnitude >= 1e21 else {
            if exponent <= 0 { return sign + "0." + String(repeating: "0", count: -exponent) + digits }
            if exponent >= digits.count {
                return sign + digits + String(repeating: "0", count: exponent - digits.count)
            }
            return sign + digits.prefix(exponent) + "." + digits.dropFirst(exponent)
        }
        let fraction = digits.count > 1 ? "." + digits.dropFirst() : ""
        return sign + digits.prefix(1) + fraction + "e" + (exponent > 0 ? "+" : "") + String(exponent - 1)
    }

    /// The digits without leading and trailing zeros, and the power of ten of a point before the first of them.
    private var shortestDecimal: (digits: String, exponent: Int) {
        // Swift's description is the shortest decimal too; only its layout differs.
        let halves = description.split(separator: "e")
        let mantissa = halves[0].split(separator: ".", omittingEmptySubsequences: false)
        var exponent = halves.count > 1 ? Int(halves[1]) ?? 0 : 0
        var digits = String(mantissa[0])
        exponent += digits.count
        if mantissa.count > 1 { digits += mantissa[1] }
        while digits.hasSuffix("0") { digits.removeLast() }
        let leading = digits.prefix { $0 == "0" }.count
        return (String(digits.dropFirst(leading)), exponent - leading)
    }
}
