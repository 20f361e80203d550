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
        let isLeapYear = year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
        let lengths = [31, isLeapYear ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard year >= 1, (1...12).contains(month), (1...lengths[month - 1]).contains(day) else { return nil }
        let yearsBefore = year - 1
        let days =
            yearsBefore * 365 + yearsBefore / 4 - yearsBefore / 100 + yearsBefore / 400
            + lengths[..<(month - 1)].reduce(0, +) + day - 1
        // 719,162 days lie between 1 January of the year 1 and of 1970.
        return Date(timeIntervalSince1970: Double((days - 719_162) * 86_400 + clock) + fraction)
    }
}
