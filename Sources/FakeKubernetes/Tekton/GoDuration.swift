/// A time span as Go writes it: `1h30m`, `3s`, `500ms`.
struct GoDuration: Sendable, Equatable, CustomStringConvertible {
    let duration: Duration

    private static let units: [(name: String, nanoseconds: Double)] = [
        ("ns", 1), ("us", 1e3), ("µs", 1e3), ("ms", 1e6), ("h", 3.6e12), ("m", 6e10), ("s", 1e9),
    ]

    /// - Returns: `nil` for a text that is not a duration.
    init?(_ text: String) {
        var nanoseconds = 0.0
        var rest = Substring(text)
        guard !rest.isEmpty else { return nil }
        if rest == "0" { rest = "" }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
            rest.removeFirst(digits.count)
            guard let number = Double(digits), let unit = Self.units.first(where: { rest.hasPrefix($0.name) }) else {
                return nil
            }
            rest.removeFirst(unit.name.count)
            nanoseconds += number * unit.nanoseconds
        }
        guard nanoseconds < 9e18 else { return nil }
        duration = .nanoseconds(Int64(nanoseconds))
    }

    /// As Go writes it again: `1h` is `1h0m0s`.
    var description: String {
        let nanoseconds = duration / .nanoseconds(1)
        guard nanoseconds >= 1e9 else {
            if nanoseconds == 0 { return "0s" }
            let unit = Self.units.prefix(4).last { $0.nanoseconds <= nanoseconds && $0.name != "us" } ?? ("ns", 1)
            return Value.double(nanoseconds / unit.nanoseconds).text + unit.name
        }
        let seconds = Int64(nanoseconds / 1e9)
        let rest = Value.double((nanoseconds - Double(seconds / 60) * 6e10) / 1e9).text + "s"
        switch seconds {
        case ..<60: return rest
        case ..<3600: return "\(seconds / 60)m\(rest)"
        default: return "\(seconds / 3600)h\(seconds / 60 % 60)m\(rest)"
        }
    }
}
