import Foundation
import Testing

@testable import Kubernetes

@Suite struct TokenCacheTests {
    private let start = ContinuousClock.now
    private let wallClock = Date(timeIntervalSince1970: 1_000_000)

    private func token(_ text: String) -> BearerToken? { BearerToken(text) }

    /// An unsigned JWT that expires so many seconds after the wall clock's start.
    private func token(expiringIn seconds: Int) -> BearerToken? {
        let claims = Data("{\"exp\":\(1_000_000 + seconds)}".utf8).base64EncodedString()
            .replacing("=", with: "").replacing("+", with: "-").replacing("/", with: "_")
        return BearerToken("e30.\(claims).sig")
    }

    @Test func readsTheFileOnceAMinute() {
        var cache = TokenCache(token: token("a"))
        #expect(cache.needsReading(now: start, wallClock: wallClock))
        cache.wasRead(token("b"), now: start)
        #expect(cache.token == token("b"))
        #expect(!cache.needsReading(now: start + .seconds(59), wallClock: wallClock))
        #expect(cache.needsReading(now: start + .seconds(60), wallClock: wallClock))
    }

    @Test func readsTheFileBeforeTheTokenExpires() {
        var cache = TokenCache()
        cache.wasRead(token(expiringIn: 30), now: start)
        #expect(!cache.needsReading(now: start + .seconds(19), wallClock: wallClock + 19))
        #expect(cache.needsReading(now: start + .seconds(20), wallClock: wallClock + 20))
    }

    @Test func readsAnExpiredTokensFileOnceASecondAtMost() {
        var cache = TokenCache()
        cache.wasRead(token(expiringIn: -30), now: start)
        #expect(!cache.needsReading(now: start + .milliseconds(999), wallClock: wallClock))
        #expect(cache.needsReading(now: start + .seconds(1), wallClock: wallClock))
    }

    @Test func keepsTheLastGoodToken() {
        var cache = TokenCache(token: token("a"))
        cache.wasRead(nil, now: start)
        #expect(cache.token == token("a"))
        #expect(!cache.needsReading(now: start + .seconds(1), wallClock: wallClock))
    }

    @Test(arguments: ["", " \n", "a b", "a\nb", "a\u{0}b", "é"])
    func refusesWhatCannotStandInAHeader(_ text: String) {
        #expect(BearerToken(text) == nil)
    }

    @Test(arguments: ["opaque", "a.b.c", "a.e30.c", "..", "a.eyJleHAiOiJzb29uIn0.c"])
    func anUnreadableExpiryIsNone(_ text: String) {
        #expect(BearerToken(text)?.expiry == nil)
    }

    @Test func isNeverPrinted() throws {
        let token = try #require(BearerToken("top-secret"))
        var dumped = ""
        dump(token, to: &dumped)
        #expect(!"\(token) \(String(reflecting: token)) \(dumped)".contains("top-secret"))
    }
}
