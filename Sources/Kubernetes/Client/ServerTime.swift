public import Foundation

/// A reading of the API server's clock: the `Date` of a response, and when that response arrived.
///
/// For ages and deadlines that must not depend on this machine's wall clock.
public struct ServerTime: Sendable, Equatable {
    /// The server's time, rounded down to the second, as `Date` has it (RFC 9110, section 6.6.1).
    public let date: Date
    /// When the response arrived, by this process's monotonic clock.
    public let instant: ContinuousClock.Instant

    /// A reading.
    public init(date: Date, instant: ContinuousClock.Instant) {
        self.date = date
        self.instant = instant
    }

    /// The server's time at another instant, before or after the reading.
    ///
    /// It is behind the server's clock by less than a second and the time that the response took.
    public func date(at instant: ContinuousClock.Instant) -> Date {
        let elapsed = self.instant.duration(to: instant).components
        return date.addingTimeInterval(Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18)
    }
}

/// The best reading of the server's clock so far, as a value.
///
/// Every reading is behind the true time, by up to a second and the response's delay. So of two readings the one that
/// gives the later time is the better one. It is kept for a minute only: a server's clock may be set back.
struct ServerClock: Sendable {
    private static let lifetime = Duration.seconds(60)

    private(set) var reading: ServerTime?
    /// The header of the newest response: most responses of one second repeat it, and it is not parsed again.
    private var lastHeader = ""

    /// Notes the `Date` header of a response that arrived at `instant`; one that is malformed is ignored.
    mutating func note(_ header: String?, at instant: ContinuousClock.Instant) {
        guard let header, header != lastHeader, let date = Timestamp.httpDate(header) else { return }
        lastHeader = header
        let new = ServerTime(date: date, instant: instant)
        if let reading, reading.instant.duration(to: instant) < Self.lifetime, reading.date(at: instant) > date {
            return
        }
        reading = new
    }
}
