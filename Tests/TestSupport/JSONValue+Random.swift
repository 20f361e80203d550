public import JSON

extension JSONValue {
    /// Any value whose numbers the cluster would keep.
    public static func random(using random: inout SeededRandom, depth: Int) -> JSONValue {
        switch Int.random(in: 0...(depth > 0 ? 7 : 4), using: &random) {
        case 0: .null
        case 1: .bool(.random(using: &random))
        case 2: .number(JSONNumber(Int64(truncatingIfNeeded: random.next() >> random.next() % 64)))
        case 3: JSONNumber(Double(bitPattern: random.next())).map(JSONValue.number) ?? .null
        case 4: .string(.random(using: &random))
        case 5:
            .array((0..<Int.random(in: 0...4, using: &random)).map { _ in .random(using: &random, depth: depth - 1) })
        default:
            .object(
                JSONObject(
                    (0..<Int.random(in: 0...4, using: &random)).map { _ in
                        (.random(using: &random), .random(using: &random, depth: depth - 1))
                    }))
        }
    }
}

extension String {
    /// A short string of characters that matter to readers, and of any others.
    public static func random(using random: inout SeededRandom) -> String {
        let special = Array(
            " \n\t\"'\\:-#[]{},&*!|>%@`~?=<.0123456789abcxyzéYN\u{85}\u{2028}\u{FEFF}\0😀/_+".unicodeScalars)
        var text = UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...10, using: &random) {
            let any = Unicode.Scalar(UInt32.random(in: 0...0x10FFFF, using: &random))
            let known = special[Int.random(in: 0..<special.count, using: &random)]
            text.append(Int.random(in: 0...5, using: &random) == 0 ? any ?? known : known)
        }
        return String(text)
    }
}
