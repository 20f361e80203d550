import Foundation

/// How long something is ago, as `kubectl get` shows it: `5s`, `3m20s`, `4h`, `12d`.
enum Age {
    static func text(since date: Date, now: Date) -> String {
        let seconds = Int(now.timeIntervalSince(date))
        let (minutes, hours) = (seconds / 60, seconds / 3600)
        let (days, years) = (hours / 24, hours / 24 / 365)
        switch seconds {
        case ..<(-1): return "<invalid>"
        case ..<0: return "0s"
        case ..<120: return "\(seconds)s"
        case ..<600: return pair(minutes, "m", seconds % 60, "s")
        case ..<10_800: return "\(minutes)m"
        case ..<28_800: return pair(hours, "h", minutes % 60, "m")
        case ..<172_800: return "\(hours)h"
        case ..<691_200: return pair(days, "d", hours % 24, "h")
        case ..<63_072_000: return "\(days)d"
        case ..<252_288_000: return pair(years, "y", days % 365, "d")
        default: return "\(years)y"
        }
    }

    private static func pair(_ large: Int, _ largeUnit: String, _ small: Int, _ smallUnit: String) -> String {
        small == 0 ? "\(large)\(largeUnit)" : "\(large)\(largeUnit)\(small)\(smallUnit)"
    }
}
