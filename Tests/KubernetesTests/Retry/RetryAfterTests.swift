import Foundation
import Testing

@testable import Kubernetes

@Suite struct RetryAfterTests {
    private static let now = Date(timeIntervalSince1970: 1_795_342_500)  // 2026-11-22 10:15:00

    @Test(arguments: [
        ("0", Duration.zero), ("7", .seconds(7)), (" 7 ", .seconds(7)), ("-5", .zero),
        ("1000000000000", .seconds(86_400)),
        ("99999999999999999999999999", .seconds(86_400)), ("-99999999999999999999999999", .zero),
        ("Sun, 22 Nov 2026 10:15:30 GMT", .seconds(30)), ("Sun, 22 Nov 2026 10:14:30 GMT", .zero),
        ("Sun, 22 Nov 9999 10:14:30 GMT", .seconds(86_400)),
    ])
    func readsSecondsAndDates(_ header: String, _ wait: Duration) {
        #expect(RetryAfter.duration(of: header, now: Self.now) == wait)
    }

    @Test(arguments: [
        nil, "", " ", "-", "soon", "1.5", "7s", "Sun, 32 Nov 2026 10:15:30 GMT", "Sun, 22 Foo 2026 10:15:30 GMT",
    ])
    func whatMakesNoSenseIsAsIfItWereAbsent(_ header: String?) {
        #expect(RetryAfter.duration(of: header, now: Self.now) == nil)
    }
}
