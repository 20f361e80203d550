import Foundation

/// A time as Go reads it by one of its layouts, with Go's messages for what it cannot read.
struct GoTime: Equatable {
    enum Layout: String {
        /// `metav1.Time` and the parameters of a log.
        case rfc3339 = "2006-01-02T15:04:05Z07:00"
        /// `metav1.MicroTime`: exactly six digits of a second's fraction.
        case micro = "2006-01-02T15:04:05.000000Z07:00"
    }

    /// Whole seconds since 1970, in UTC.
    let seconds: Int64
    let microseconds: Int64

    /// - Throws: Go's message, such as `parsing time "now" as "2006-…": cannot parse "now" as "2006"`.
    init(_ text: String, layout: Layout) throws(ValueSyntaxError) {
        var reader = Reader(text: text, layout: layout, rest: text[...])
        var fields: [Int64] = []
        for (element, width) in [("2006", 4), ("01", 2), ("02", 2), ("15", 2), ("04", 2), ("05", 2)] {
            if !fields.isEmpty { try reader.skip(["-", "-", "T", ":", ":"][fields.count - 1]) }
            fields.append(try reader.number(element, width: width))
        }
        microseconds = layout == .micro ? try reader.fraction() : reader.optionalFraction()
        let offset = try reader.offset()
        guard reader.rest.isEmpty else { throw reader.failure("extra text: \(String(reader.rest).goQuoted)") }
        seconds = try reader.seconds(of: fields) - offset
    }

    /// The time as the API server writes it again: in UTC, with six digits for a `micro` layout.
    func text(_ layout: Layout) -> String {
        let whole = Date(timeIntervalSince1970: TimeInterval(seconds)).timestamp
        guard layout == .micro else { return whole }
        let digits = String(microseconds)
        return "\(whole.dropLast()).\(String(repeating: "0", count: 6 - digits.count))\(digits)Z"
    }

    private struct Reader {
        let text: String
        let layout: Layout
        var rest: Substring

        func failure(_ why: String) -> ValueSyntaxError {
            ValueSyntaxError(message: "parsing time \(text.goQuoted) as \(layout.rawValue.goQuoted): \(why)")
        }

        func cannotParse(as element: String) -> ValueSyntaxError {
            failure("cannot parse \(String(rest).goQuoted) as \(element.goQuoted)")
        }

        mutating func skip(_ literal: String) throws(ValueSyntaxError) {
            guard rest.hasPrefix(literal) else { throw cannotParse(as: literal) }
            rest = rest.dropFirst(literal.count)
        }

        mutating func number(_ element: String, width: Int) throws(ValueSyntaxError) -> Int64 {
            guard let number = digits(width) else { throw cannotParse(as: element) }
            rest = rest.dropFirst(width)
            return number
        }

        private func digits(_ width: Int) -> Int64? {
            let digits = rest.prefix(width)
            guard digits.utf8.count == width, digits.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
            return Int64(digits)
        }

        mutating func fraction() throws(ValueSyntaxError) -> Int64 {
            let element = ".000000"
            let whole = self
            guard rest.hasPrefix(".") else { throw whole.cannotParse(as: element) }
            rest = rest.dropFirst()
            guard let number = digits(6) else { throw whole.cannotParse(as: element) }
            rest = rest.dropFirst(6)
            return number
        }

        mutating func optionalFraction() -> Int64 {
            guard rest.hasPrefix(".") else { return 0 }
            let digits = rest.dropFirst().prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(1 + digits.count)
            return Int64((digits + "000000").prefix(6)) ?? 0
        }

        /// The offset from UTC in seconds.
        mutating func offset() throws(ValueSyntaxError) -> Int64 {
            if rest.hasPrefix("Z") {
                rest = rest.dropFirst()
                return 0
            }
            let whole = self
            guard let sign = rest.first, sign == "+" || sign == "-" else { throw whole.cannotParse(as: "Z07:00") }
            rest = rest.dropFirst()
            guard let hours = digits(2), rest.dropFirst(2).hasPrefix(":") else { throw whole.cannotParse(as: "Z07:00") }
            rest = rest.dropFirst(3)
            guard let minutes = digits(2) else { throw whole.cannotParse(as: "Z07:00") }
            rest = rest.dropFirst(2)
            return (sign == "+" ? 1 : -1) * (hours * 3600 + minutes * 60)
        }

        func seconds(of fields: [Int64]) throws(ValueSyntaxError) -> Int64 {
            let names = ["month", "day", "hour", "minute", "second"]
            let ranges: [ClosedRange<Int64>] = [1...12, 1...31, 0...23, 0...59, 0...59]
            for (index, range) in ranges.enumerated() where !range.contains(fields[index + 1]) {
                throw ValueSyntaxError(message: "parsing time \(text.goQuoted): \(names[index]) out of range")
            }
            // Days since 1970 in the proleptic Gregorian calendar, with years that begin in March.
            let year = fields[1] > 2 ? fields[0] : fields[0] - 1
            let month = (fields[1] + 9) % 12
            let days =
                365 * year + year / 4 - year / 100 + year / 400 + (month * 306 + 5) / 10 + fields[2] - 1 - 719_468
            return ((days * 24 + fields[3]) * 60 + fields[4]) * 60 + fields[5]
        }
    }
}
