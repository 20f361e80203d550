import Foundation

/// `Retry-After` (RFC 9110, section 10.2.3): seconds, or a date.
enum RetryAfter {
    /// The longest wait that is reported; a server that asks for more means "not today".
    private static let longest: Int64 = 86_400

    /// The wait that the header asks for, or `nil` if it is absent or makes no sense.
    ///
    /// What lies in the past is no wait; what overflows is the longest.
    static func duration(of header: String?, now: Date) -> Duration? {
        guard let text = header?.trimmingCharacters(in: .whitespaces), !text.isEmpty else { return nil }
        let digits = text.drop { $0 == "-" }
        if !digits.isEmpty, digits.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains) {
            return text.first == "-" ? .zero : duration(seconds: Int64(digits) ?? longest)
        }
        guard let date = Timestamp.httpDate(text) else { return nil }
        let seconds = date.timeIntervalSince(now)
        return seconds <= 0 ? .zero : duration(seconds: Int64(min(seconds.rounded(.up), Double(longest))))
    }

    /// That many seconds, within bounds.
    static func duration(seconds: Int64) -> Duration {
        .seconds(max(0, min(seconds, longest)))
    }
}
