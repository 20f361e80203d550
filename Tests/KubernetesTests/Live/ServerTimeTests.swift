import Foundation
import JSON
import Testing

@testable import Kubernetes

@Suite struct ServerTimeTests {
    private let start = ContinuousClock.now
    private static func header(_ second: Int) -> String {
        "Sun, 22 Nov 2026 10:15:\(second < 10 ? "0" : "")\(second) GMT"
    }

    @Test func keepsTheReadingThatIsLeastBehind() throws {
        var clock = ServerClock()
        clock.note(nil, at: start)
        clock.note("yesterday", at: start)
        #expect(clock.reading == nil)
        clock.note(Self.header(10), at: start)
        let first = try #require(clock.reading)
        #expect(first.date == Timestamp.rfc3339("2026-11-22T10:15:10Z"))
        #expect(first.date(at: start + .milliseconds(2_500)).timeIntervalSince(first.date) == 2.5)
        // Rounded down further: the first says more.
        clock.note(Self.header(11), at: start + .milliseconds(1_900))
        #expect(clock.reading == first)
        clock.note(Self.header(13), at: start + .milliseconds(2_100))
        #expect(clock.reading?.instant == start + .milliseconds(2_100))
    }

    @Test func believesAClockThatWasSetBackAfterAMinute() {
        var clock = ServerClock()
        clock.note(Self.header(50), at: start)
        clock.note(Self.header(10), at: start + .seconds(30))
        #expect(clock.reading?.instant == start)
        clock.note(Self.header(11), at: start + .seconds(60))
        #expect(clock.reading?.instant == start + .seconds(60))
    }

    @Test func isReadFromEveryResponseWhateverItsStatus() async throws {
        let refused = ScriptedStep.status(403, "Forbidden", "no", headers: ["date": Self.header(7)])
        try await ScriptedServer.run([refused]) { server in
            try await KubernetesClient.with(server) { client in
                #expect(client.serverTime == nil)
                _ = await failure { try await client.gadgets.get("a") }
                #expect(client.serverTime?.date == Timestamp.rfc3339("2026-11-22T10:15:07Z"))
            }
        }
    }
}
