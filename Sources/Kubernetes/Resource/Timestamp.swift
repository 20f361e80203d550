import Foundation

/// Reads and writes the two formats of times that servers use, without locale or formatter.
enum Timestamp {
    /// RFC 3339 in UTC, with or without a fraction: `2026-11-22T10:15:00Z`, as Kubernetes writes `Time` and `MicroTime`.
    static func rfc3339(_ text: String) -> Date? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes.last == UInt8(ascii: "Z"), bytes[4] == UInt8(ascii: "-"),
            bytes[7] == UInt8(ascii: "-"), bytes[10] == UInt8(ascii: "T"),
            let year = number(bytes[0..<4]), let month = number(bytes[5..<7]), let day = number(bytes[8..<10]),
            let clock = clock(bytes[11..<19])
        else { return nil }
        var fraction = 0.0
        let rest = bytes[19..<(bytes.count - 1)]
        if !rest.isEmpty {
            let digits = rest.dropFirst()
            guard rest.first == UInt8(ascii: "."), (1...9).contains(digits.count), let value = number(digits) else {
                return nil
            }
            fraction = Double(value) / pow(10, Double(digits.count))
        }
        return date(year: year, month: month, day: day, clock: clock, fraction: fraction)
    }

    /// RFC 9110's preferred form of a date, the only one that is sent nowadays: `Sun, 22 Nov 2026 10:15:00 GMT`.
    static func httpDate(_ text: String) -> Date? {
        let words = text.split(separator: " ")
        guard words.count == 6, words[0].hasSuffix(","), words[5] == "GMT",
            let day = number(Array(words[1].utf8)[...]), let month = months.firstIndex(of: String(words[2])),
            let year = number(Array(words[3].utf8)[...]), words[3].utf8.count == 4,
            let clock = clock(Array(words[4].utf8)[...])
        else { return nil }
        return date(year: year, month: month + 1, day: day, clock: clock, fraction: 0)
    }

    /// A time as RFC 3339 in UTC, with that many digits of a second's fraction, rounded down.
    ///
    /// - Parameters:
    ///   - digits: 0 to 6; Kubernetes' `MicroTime` takes exactly 6.
    static func rfc3339(_ date: Date, digits: Int) -> String {
        // A `Date` is a binary fraction, just below or above the microsecond that was meant.
        let micros = Int64((date.timeIntervalSince1970 * 1e6).rounded())
        let seconds = micros.quotient(dividingDownBy: 1_000_000)
        let days = seconds.quotient(dividingDownBy: 86_400)
        let clock = seconds - days * 86_400
        let (year, month, day) = civil(days: days)
        var text = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T"
        text += "\(padded(clock / 3600, 2)):\(padded(clock / 60 % 60, 2)):\(padded(clock % 60, 2))"
        if digits > 0 { text += ".\(padded(micros - seconds * 1_000_000, 6).prefix(digits))" }
        return text + "Z"
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    /// The date that is so many days after 1 January 1970, by the Gregorian calendar.
    private static func civil(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        // Never too late: from there it is counted on.
        var year = 1970 + days.quotient(dividingDownBy: days < 0 ? 365 : 366)
        while daysBefore(year + 1) <= days { year += 1 }
        var rest = days - daysBefore(year)
        var month: Int64 = 1
        for length in monthLengths(year) {
            guard rest >= length else { break }
            rest -= length
            month += 1
        }
        return (year, month, rest + 1)
    }

    /// The days from 1 January 1970 to the first of a year.
    private static func daysBefore(_ year: Int64) -> Int64 {
        let before = year - 1
        let leapDays =
            before.quotient(dividingDownBy: 4) - before.quotient(dividingDownBy: 100)
            + before.quotient(dividingDownBy: 400)
        // 719,162 days lie between 1 January of the year 1 and of 1970.
        return before * 365 + leapDays - 719_162
    }

    private static func monthLengths(_ year: Int64) -> [Int64] {
        let isLeapYear = year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
        return [31, isLeapYear ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Seconds since midnight of `HH:MM:SS`; 60 seconds are let through, as a leap second is written.
    private static func clock(_ text: ArraySlice<UInt8>) -> Int? {
        let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count == 3, parts.allSatisfy({ $0.count == 2 }), let hour = number(parts[0]), hour < 24,
            let minute = number(parts[1]), minute < 60, let second = number(parts[2]), second <= 60
        else { return nil }
        return hour * 3600 + minute * 60 + second
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard !digits.isEmpty, digits.count <= 9 else { return nil }
        var value = 0
        for byte in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return value
    }

    private static func date(year: Int, month: Int, day: Int, clock: Int, fraction: Double) -> Date? {
        let lengths = monthLengths(Int64(year))
        guard year >= 1, (1...12).contains(month), (1...lengths[month - 1]).contains(Int64(day)) else { return nil }
        let days = daysBefore(Int64(year)) + lengths[..<(month - 1)].reduce(0, +) + Int64(day) - 1
        return Date(timeIntervalSince1970: Double(days * 86_400 + Int64(clock)) + fraction)
    }
}

extension Int64 {
    /// The quotient, rounded towards minus infinity.
    fileprivate func quotient(dividingDownBy divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
