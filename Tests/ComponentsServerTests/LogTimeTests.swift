import Foundation
import Glibc
import Testing

@testable import ComponentsServer

struct LogTimeTests {
    @Test(arguments: [
        (0, 0, "1970-01-01T00:00:00.000Z"),
        (951_782_399, 999_999_999, "2000-02-28T23:59:59.999Z"),
        (951_782_400, 1_000_000, "2000-02-29T00:00:00.001Z"),
        (1_772_366_400, 123_456_789, "2026-03-01T12:00:00.123Z"),
        (253_402_300_799, 0, "9999-12-31T23:59:59.000Z"),
    ])
    func isWrittenInUTCWithMilliseconds(seconds: Int, nanoseconds: Int, text: String) {
        #expect(LogTime(time: timespec(tv_sec: seconds, tv_nsec: nanoseconds)).description == text)
    }

    @Test func nowIsBetweenTheTimesAroundIt() throws {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        // The text has milliseconds only, and cuts off what is beyond.
        let before = Date.now - 0.001
        let now = try style.parse(LogTime.now.description)
        #expect(before...Date.now ~= now)
    }
}
