/// What an `Accept` field accepts, and how gladly (RFC 9110, section 12.5.1).
struct AcceptedMediaTypes {
    private let ranges: [MediaType]

    /// Reads the field; what is not valid in it accepts nothing.
    init(_ accept: String) {
        ranges = MediaType.split(accept, at: UInt8(ascii: ",")).compactMap { MediaType($0) }
    }

    /// The best weight of any of these types, in thousandths; the more specific range decides over the wider one.
    func weight(ofAny types: [String]) -> Int {
        types.map { type in
            let family = type.prefix { $0 != "/" } + "/*"
            for wanted in [type, String(family), "*/*"] {
                // The best weight of a range that is given twice.
                let weights = ranges.filter { $0.essence == wanted }.map(Self.weight)
                if let weight = weights.max() { return weight }
            }
            return 0
        }.reduce(0, max)
    }

    /// The best weight of that very type, in thousandths: 0 if only a wider range accepts it.
    func weight(named type: String) -> Int {
        ranges.filter { $0.essence == type }.map(Self.weight).max() ?? 0
    }

    /// `q` in thousandths (section 12.4.2): 1,000 if it is absent, 0 if it is not valid.
    private static func weight(_ range: MediaType) -> Int {
        guard let text = range["q"] else { return 1_000 }
        guard text.utf8.count <= 5, text.utf8.allSatisfy({ $0 == UInt8(ascii: ".") || $0.hexDigitValue ?? 10 < 10 }),
            let weight = Double(text), (0...1).contains(weight)
        else { return 0 }
        return Int((weight * 1_000).rounded())
    }
}
