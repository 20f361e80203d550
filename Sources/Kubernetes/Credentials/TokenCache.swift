import Foundation

/// When a token's file is read again, and which token is used meanwhile.
///
/// A projected service-account token is replaced at about 80 % of its life, an hour as a rule. As client-go, this reads
/// the file again after a minute, before the token expires, and at once when the server refuses it; a file that is
/// missing or empty in that moment leaves the last good token in place. A value without clock or file of its own.
struct TokenCache: Sendable {
    private static let lifetime = Duration.seconds(60)
    /// How long before its end a token is no longer trusted.
    private static let leeway: TimeInterval = 10
    /// The shortest time between two reads because of an expiry: an expired token must not cause a read per request.
    private static let shortestInterval = Duration.seconds(1)

    private(set) var token: BearerToken?
    private var readAt: ContinuousClock.Instant?

    init(token: BearerToken? = nil) {
        self.token = token
    }

    /// Whether the file must be read before the next request.
    func needsReading(now: ContinuousClock.Instant, wallClock: Date) -> Bool {
        guard let readAt, let token else { return true }
        let age = readAt.duration(to: now)
        if age >= Self.lifetime { return true }
        guard let expiry = token.expiry, age >= Self.shortestInterval else { return false }
        return wallClock >= expiry.addingTimeInterval(-Self.leeway)
    }

    /// Notes what the file holds: `nil` = it could not be read, or holds no token.
    mutating func wasRead(_ found: BearerToken?, now: ContinuousClock.Instant) {
        readAt = now
        token = found ?? token
    }
}
