import Foundation

/// Names of hosts in ASCII (RFC 5891; RFC 3492), for messages: the host of a repository is given in ASCII.
enum Punycode {
    /// The name in ASCII, `bücher.example` as `xn--bcher-kva.example`; `nil` if it is no name of a host.
    ///
    /// Letters are lowered and composed, as browsers do; a name that only a full IDNA table would refuse gets a form all
    /// the same.
    static func host(_ name: String) -> String? {
        let mapped = name.precomposedStringWithCompatibilityMapping.lowercased().precomposedStringWithCanonicalMapping
        let labels = mapped.split(omittingEmptySubsequences: false) { ".。".contains($0) }
        var result: [String] = []
        for label in labels {
            guard
                label.unicodeScalars.allSatisfy({ $0.value < 0x80 || $0.properties.isAlphabetic || isMarkOrDigit($0) }),
                let encoded = label.utf8.allSatisfy({ $0 < 0x80 }) ? String(label) : encoded(label)
            else { return nil }
            result.append(encoded)
        }
        return result.joined(separator: ".")
    }

    private static func isMarkOrDigit(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .decimalNumber: true
        default: false
        }
    }

    /// RFC 3492, section 6.3, with the parameters of section 5; `nil` if a label gets longer than DNS allows.
    private static func encoded(_ label: Substring) -> String? {
        let scalars = label.unicodeScalars.map { Int($0.value) }
        guard scalars.count <= 63 else { return nil }
        var output = scalars.filter { $0 < 0x80 }.map { Character(Unicode.Scalar(UInt8($0))) }
        let basic = output.count
        if basic > 0 { output.append("-") }
        var (code, delta, bias, handled) = (0x80, 0, 72, basic)
        while handled < scalars.count {
            // There is a scalar that is not handled, and it is not below `code`.
            let next = scalars.filter { $0 >= code }.min() ?? code
            delta += (next - code) * (handled + 1)
            code = next
            for scalar in scalars {
                if scalar < code { delta += 1 }
                guard scalar == code else { continue }
                appendDigits(of: delta, bias: bias, to: &output)
                bias = adapted(delta, count: handled + 1, isFirst: handled == basic)
                delta = 0
                handled += 1
            }
            delta += 1
            code += 1
        }
        return output.count <= 59 ? "xn--" + String(output) : nil
    }

    private static func appendDigits(of delta: Int, bias: Int, to output: inout [Character]) {
        let digits = Array("abcdefghijklmnopqrstuvwxyz0123456789")
        var (quotient, k) = (delta, 36)
        while true {
            let threshold = min(max(k - bias, 1), 26)
            guard quotient >= threshold else { break }
            output.append(digits[threshold + (quotient - threshold) % (36 - threshold)])
            quotient = (quotient - threshold) / (36 - threshold)
            k += 36
        }
        output.append(digits[quotient])
    }

    private static func adapted(_ delta: Int, count: Int, isFirst: Bool) -> Int {
        var delta = isFirst ? delta / 700 : delta / 2
        delta += delta / count
        var k = 0
        while delta > 455 {
            delta /= 35
            k += 36
        }
        return k + 36 * delta / (delta + 38)
    }
}
