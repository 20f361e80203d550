import JSON
import Testing

@testable import FakeKubernetes

/// What the journal shows, and in which pieces.
@Suite struct JournalTests {
    @Test func isReadInPages() {
        let journal = Journal()
        for number in 0..<2001 {
            journal.note(
                path: "/\(number)", query: "", call: nil, user: "", status: 200, done: nil, fault: nil)
        }
        #expect(journal.page(from: 0).count == 1000)
        #expect(journal.page(from: 1000).map { $0["path"] } == (1000..<2000).map { .string("/\($0)") })
        #expect(journal.page(from: 2000).map { $0["index"] } == [2000])
        #expect(journal.page(from: 2001).isEmpty)
        #expect(journal.all.count == 2001)
    }

    @Test func aPageBeginsAtAnIndex() async throws {
        try await ToolDeployments.withCluster { cluster, client in
            cluster.clearJournal()
            for name in ["a", "b"] { _ = try await client.send("GET", "\(ToolDeployments.path)/\(name)") }
            let page = try #require(try await client.send("GET", "/_fake/journal?from=1")).value["entries"]?.array
            #expect(page?.map { $0["name"] } == ["b"])
            for wrong in ["-1", "b", ""] {
                #expect(try await client.send("GET", "/_fake/journal?from=\(wrong)")?.status == 400)
            }
        }
    }
}
