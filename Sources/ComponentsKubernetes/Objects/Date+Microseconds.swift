import Components
import Foundation

extension Date {
    /// RFC 3339 with microseconds, in UTC: `2026-11-22T10:15:00.000042Z`.
    var formattedWithMicroseconds: String {
        let microseconds = microsecondsSince1970
        let seconds = Date(timeIntervalSince1970: Double(microseconds / 1_000_000)).formatted(.iso8601)
        let digits = String(microseconds % 1_000_000)
        return "\(seconds.dropLast()).\(String(repeating: "0", count: 6 - digits.count))\(digits)Z"
    }

    /// Reads what `formattedWithMicroseconds` wrote, or a time without a fraction; `nil` for anything else.
    init?(formattedWithMicroseconds text: String) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            guard let date = try? Date(text, strategy: .iso8601) else { return nil }
            self = date
            return
        }
        guard parts[1].utf8.count == 7, parts[1].hasSuffix("Z"), let fraction = UInt32(parts[1].dropLast()),
            let seconds = try? Date("\(parts[0])Z", strategy: .iso8601)
        else { return nil }
        self.init(microsecondsSince1970: Int64(seconds.timeIntervalSince1970) * 1_000_000 + Int64(fraction))
    }
}
