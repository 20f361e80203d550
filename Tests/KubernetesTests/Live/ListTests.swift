import JSON
import Synchronization
import Testing

@testable import Kubernetes

@Suite struct ListTests {
    private static func page(_ names: [String], continueToken: String? = nil) -> ScriptedStep {
        .json(
            200,
            [
                "apiVersion": "example.org/v1", "kind": "GadgetList",
                "metadata": ["resourceVersion": "9", "continue": .string(continueToken ?? "")],
                "items": .array(names.map { Gadget.stored($0) }),
            ])
    }

    private static let gone = ScriptedStep.status(410, "Expired", "The provided continue parameter is too old")

    @Test func readsAllPages() async throws {
        let script = [Self.page(["a", "b"], continueToken: "x/+=&"), Self.page(["c"])]
        try await ScriptedServer.run(script) { server in
            let list = try await KubernetesClient.with(server) {
                try await $0.gadgets.list(
                    labelSelector: "tier in (a,b)", fieldSelector: "metadata.name!=z", pageSize: 2)
            }
            #expect(list.items.map(\.metadata.name) == ["a", "b", "c"])
            let path = "/apis/example.org/v1/namespaces/tool-demo/gadgets?limit=2"
            let selectors = "&labelSelector=tier%20in%20%28a%2Cb%29&fieldSelector=metadata.name%21%3Dz"
            #expect(
                server.requests.map(\.target) == [path + selectors, path + selectors + "&continue=x%2F%2B%3D%26"])
        }
    }

    @Test func beginsAnewWhenTheServerNoLongerKeepsTheVersion() async throws {
        let first = Self.page(["a"], continueToken: "t")
        try await ScriptedServer.run([first, Self.gone, first, Self.gone, Self.page(["a", "b"])]) { server in
            let list = try await KubernetesClient.with(server) { try await $0.gadgets.list(pageSize: 1) }
            #expect(list.items.map(\.metadata.name) == ["a", "b"])
        }
    }

    @Test func beginsAnewTwiceAtMost() async throws {
        let first = Self.page(["a"], continueToken: "t")
        try await ScriptedServer.run([first, Self.gone, first, Self.gone, first, Self.gone]) { server in
            let error = await failure { try await KubernetesClient.with(server) { try await $0.gadgets.list() } }
            #expect(error?.isGone == true)
        }
    }

    @Test(arguments: 1..<20)
    func isWholeWhicheverPageIsGone(_ page: Int) throws {
        var list = PagedList<JSONValue>(query: ListQuery(limit: 1))
        var calls = 0
        var hasFailed = false
        while let query = list.next {
            calls += 1
            let number = Int(query.continueToken ?? "0") ?? 0
            if number == page, !hasFailed {
                hasFailed = true
                try list.failed(KubernetesError(.gone, "too old"))
            } else {
                list.add([.string("\(number)")], continueToken: number < 19 ? "\(number + 1)" : nil)
            }
        }
        #expect(list.items == (0..<20).map { .string("\($0)") })
        #expect(calls == page + 1 + 20)
    }

    @Test func anotherErrorThanGoneEndsTheList() {
        var list = PagedList<JSONValue>(query: ListQuery(limit: 1))
        #expect(throws: KubernetesError.self) { try list.failed(KubernetesError(.gone, "of the first page")) }
        list.add([], continueToken: "t")
        #expect(throws: KubernetesError.self) { try list.failed(KubernetesError(.badRequest, "no such token")) }
    }

    @Test func anObjectThatCannotBeReadSpoilsNoOther() async throws {
        var broken = Gadget.stored("b").objectValue ?? [:]
        broken["spec"] = nil
        let page: JSONValue = [
            "apiVersion": "example.org/v1", "kind": "GadgetList", "metadata": [:],
            "items": [Gadget.stored("a"), .object(broken), Gadget.stored("c")],
        ]
        try await ScriptedServer.run([.json(200, page)]) { server in
            let list = try await KubernetesClient.with(server) { try await $0.gadgets.list() }
            #expect(list.items.map(\.metadata.name) == ["a", "c"])
            #expect(list.unreadable.map(\.name) == ["b"])
        }
    }

    @Test func asksForMetadataAlone() async throws {
        // The recorded page is the first of several.
        let first = try #require(try Recorded.exchange("lists", "metadata only").first)
        let last: JSONValue = [
            "kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": [:], "items": [],
        ]
        try await ScriptedServer.run([.json(200, first), .json(200, last)]) { server in
            let found = try await KubernetesClient.with(server) { client in
                try await client.resources(Gadget.self).listMetadata()
            }
            #expect(!found.isEmpty)
            #expect(found.allSatisfy { $0.metadata.uid != nil && $0.metadata.creationTimestamp != nil })
            #expect(
                server.requests[0].headers["accept"]
                    == "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1")
            #expect(server.requests[0].target == "/apis/example.org/v1/gadgets?limit=500")
        }
    }

    @Test func tellsTheObserverOfEveryAttempt() async throws {
        let observer = Recorder()
        let script: [ScriptedStep] = [.status(503, "ServiceUnavailable", "not now"), .json(200, Gadget.stored("a"))]
        try await ScriptedServer.run(script) { server in
            _ = try await KubernetesClient.with(server, observer: observer) { try await $0.gadgets.get("a") }
        }
        let attempts = observer.attempts.withLock { $0 }
        #expect(attempts.map(\.status) == [503, 200])
        #expect(attempts.map(\.error) == [.unavailable, nil])
        #expect(attempts.allSatisfy { $0.verb == "get" && $0.resource == "gadgets.example.org" })
    }

    private final class Recorder: KubernetesObserver {
        let attempts = Mutex<[KubernetesAttempt]>([])
        func attemptEnded(_ attempt: KubernetesAttempt) { attempts.withLock { $0.append(attempt) } }
    }
}
