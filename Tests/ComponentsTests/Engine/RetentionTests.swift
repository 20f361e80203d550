import Foundation
import Testing

@testable import Components

struct RetentionTests {
    private func entry(_ id: String, second: Double) -> DeploymentEntry {
        DeploymentEntry(id: id, requestedAt: Date(timeIntervalSince1970: second), identity: id)
    }

    @Test func theOldestGoByTheTimeOfTheRequestThenById() {
        let entries = [
            entry("d-9", second: 1), entry("d-2", second: 2), entry("d-1", second: 2), entry("d-0", second: 3),
        ]
        #expect(Retention(entries).surplus(keeping: 1).map(\.id) == ["d-9", "d-1", "d-2"])
        #expect(Retention(entries).surplus(keeping: 4).isEmpty)
        #expect(Retention(entries.reversed()).surplus(keeping: 3).map(\.id) == ["d-9"])
    }

    @Test func whoeverListsTheSameRecordsFindsTheSameSurplus() {
        let entries = [entry("own", second: 1), entry("a", second: 2), entry("b", second: 3)]
        #expect(Retention(entries).surplus(keeping: 1).map(\.id) == ["own", "a"])
    }
}
