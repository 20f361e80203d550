import JSON
import Logging
import Testing

@testable import Kubernetes

/// Responses that are streams, over a connection: watches and logs.
@Suite struct StreamTests {
    private static func list(_ names: [String], version: String) -> ScriptedStep {
        .json(
            200,
            [
                "apiVersion": "example.org/v1", "kind": "GadgetList", "metadata": ["resourceVersion": .string(version)],
                "items": .array(names.map { Gadget.stored($0) }),
            ])
    }

    @Test func followsAWatchThroughFaultsOnTheWire() async throws {
        func line(_ type: String, _ version: Int, _ name: String?, _ size: Int64) -> [UInt8] {
            SimulatedCollection.line(type, version, name: name, size: size)
        }
        let script: [ScriptedStep] = [
            Self.list(["a"], version: "7"),
            .pieces(
                [line("ADDED", 8, "b", 5).prefix(20), line("ADDED", 8, "b", 5).dropFirst(20)].map(Array.init),
                then: .cut),
            .status(429, "TooManyRequests", "storage is (re)initializing"),
            .pieces([line("MODIFIED", 9, "b", 6), Array("garbled\n".utf8)], then: .silence),
            .pieces([line("DELETED", 10, "a", 1)], then: .end),
            .status(410, "Expired", "too old resource version"),
            Self.list(["c"], version: "20"),
            .pieces([line("BOOKMARK", 21, nil, 0)], then: .silence),
        ]
        try await ScriptedServer.run(script) { server in
            let sizes = try await KubernetesClient.with(server) { client in
                var contents = CacheContents<Int64>()
                for await event in client.sizes() {
                    _ = contents.apply(event, now: .now)
                    // The last one: a bookmark after the second list.
                    if contents.state.resets == 2, case .live = event, server.requests.count == 8 { break }
                }
                return contents.objects.compactMapValues { try? $0.get() }
            }
            #expect(sizes == [ObjectKey(namespace: "tool-demo", name: "c"): 1])
            let targets = server.requests.map(\.target)
            #expect(
                targets[1].hasPrefix("/apis/example.org/v1/namespaces/tool-demo/gadgets?watch=1&resourceVersion=7&"))
            #expect(targets[1].contains("&allowWatchBookmarks=true&timeoutSeconds="))
            // What the connection had brought when it broke may be read or not: if not, it comes again.
            #expect(targets[3].contains("resourceVersion=7&") || targets[3].contains("resourceVersion=8&"))
            #expect(targets[4].contains("resourceVersion=9&"))
            #expect(targets[5].contains("resourceVersion=10&"))
            #expect(targets[7].contains("resourceVersion=20&"))
        }
    }

    @Test func givesUpAWatchThatIsSilentAndListsAgain() async throws {
        let script: [ScriptedStep] = [
            Self.list(["a"], version: "7"), .pieces([], then: .silence), Self.list(["b"], version: "9"),
        ]
        try await ScriptedServer.run(script) { server in
            try await KubernetesClient.with(server) { client in
                var resets: [[String]] = []
                for await event in client.sizes(silence: .milliseconds(50)) {
                    if case .reset(let all) = event { resets.append(all.keys.map(\.name)) }
                    if resets.count == 2 { break }
                }
                #expect(resets == [["a"], ["b"]])
            }
        }
    }

    @Test func aCancelledWatchClosesItsConnection() async throws {
        let script: [ScriptedStep] = [Self.list(["a"], version: "7"), .pieces([], then: .silence)]
        try await ScriptedServer.run(script) { server in
            try await KubernetesClient.with(server) { client in
                let (live, isLive) = AsyncStream.makeStream(of: Void.self)
                let watching = Task {
                    for await event in client.sizes() { if case .live = event { isLive.yield() } }
                }
                for await _ in live { break }
                // The list's connection is kept for the next call, the watch's is closed.
                watching.cancel()
                await watching.value
                try await eventually { server.openConnections <= 1 }
            }
        }
    }

    @Test func sendsTheNewTokenWhenTheOldOneIsRefused() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("token", "secret-0")
        let rotate: @Sendable (ReceivedRequest) throws -> Void = { _ in try folder.write("token", "secret-1") }
        let script: [ScriptedStep] = [
            Self.list(["a"], version: "7"), .after(rotate, .status(401, "Unauthorized", "Unauthorized")),
            .pieces([], then: .silence),
        ]
        try await ScriptedServer.run(script) { server in
            try await KubernetesClient.with(server, token: nil, tokenFile: file) { client in
                for await event in client.sizes() { if case .live = event { break } }
            }
            #expect(
                server.requests.map { $0.headers["authorization"] }
                    == ["secret-0", "secret-0", "secret-1"].map { "Bearer " + $0 })
        }
    }

    @Test func readsNoMoreOfALogThanItsReaderAsksFor() async throws {
        try await ScriptedServer.run([.flood]) { server in
            try await KubernetesClient.with(server) { client in
                let log = try await client.log(ofPod: "a", namespace: "tool-demo")
                var pieces = log.makeAsyncIterator()
                _ = try await pieces.next()
                // What the sockets and TLS hold is out, and no more comes out after it.
                var before = -1
                while before != server.bytesWritten {
                    before = server.bytesWritten
                    try await Task.sleep(for: .milliseconds(100))
                }
                #expect(before < 32 << 20)
                // Reading on lets it flow again.
                var read = 0
                while read <= before { read += try await pieces.next()?.count ?? 0 }
            }
        }
    }

    @Test func aLogThatIsDroppedClosesItsConnection() async throws {
        try await ScriptedServer.run([.flood]) { server in
            try await KubernetesClient.with(server) { client in
                for try await _ in try await client.log(ofPod: "a", namespace: "tool-demo") { break }
                try await eventually { server.openConnections == 0 }
            }
        }
    }

    @Test func aLogArrivesWholeHoweverItIsCut() async throws {
        let text = Array("first line\nsecond line\n".utf8)
        try await ScriptedServer.run([.pieces(text.map { [$0] }, then: .end)]) { server in
            let query = PodLogQuery(
                container: "step-build", follow: true, tailLines: 5, limitBytes: 100,
                since: Timestamp.rfc3339("2026-11-29T18:22:19.9Z"), timestamps: true)
            let read = try await KubernetesClient.with(server) { client in
                var read: [UInt8] = []
                for try await piece in try await client.log(ofPod: "a", namespace: "tool-demo", query) { read += piece }
                return read
            }
            #expect(read == text)
            #expect(
                server.requests[0].target
                    == "/api/v1/namespaces/tool-demo/pods/a/log?container=step-build&follow=true&tailLines=5"
                    + "&limitBytes=100&sinceTime=2026-11-29T18%3A22%3A19Z&timestamps=true")
        }
    }

    @Test func aLogThatBreaksOffOrFallsSilentFails() async throws {
        for (ending, code) in [(ScriptedStep.Ending.cut, KubernetesError.Code.connection), (.silence, .timeout)] {
            try await ScriptedServer.run([.pieces([Array("text".utf8)], then: ending)]) { server in
                try await KubernetesClient.with(server) { client in
                    var read: [UInt8] = []
                    let error = await failure {
                        let log = try await client.log(
                            ofPod: "a", namespace: "tool-demo", silence: ending == .cut ? nil : .milliseconds(100))
                        for try await piece in log { read += piece }
                    }
                    #expect(error?.code == code)
                    #expect(read == Array("text".utf8))
                }
            }
        }
    }

    @Test func aLogThatPausesGoesOn() async throws {
        let text = [Array("text".utf8)]
        try await ScriptedServer.run(answering: { request in
            .pieces(
                text,
                then: request.target.contains("/silent/") ? .silence : request.target.contains("/cut/") ? .cut : .end)
        }) { server in
            try await KubernetesClient.with(server) { client in
                var silent = try await client.log(ofPod: "silent", namespace: "tool-demo").makeAsyncIterator()
                for event in [PodLog.Event.piece(Array("text".utf8)), .pause, .pause] {
                    #expect(try await silent.next(pausingAfter: .milliseconds(50)) == event)
                }
                var whole = try await client.log(ofPod: "whole", namespace: "tool-demo").makeAsyncIterator()
                for event in [PodLog.Event.piece(Array("text".utf8)), .end] {
                    #expect(try await whole.next(pausingAfter: .seconds(60)) == event)
                }
                let error = await failure {
                    var cut = try await client.log(ofPod: "cut", namespace: "tool-demo").makeAsyncIterator()
                    while true { _ = try await cut.next(pausingAfter: .seconds(60)) }
                }
                #expect(error?.code == .connection)
            }
        }
    }

    @Test func aLogThatCannotBeReadYetIsReadAgainOnlyWhereThatHelps() async throws {
        let waiting = ScriptedStep.status(
            400, "BadRequest", "container \"b\" in pod \"a\" is waiting to start: PodInitializing")
        let script: [ScriptedStep] = [
            .status(503, nil, "no"), waiting, .response(status: 204, body: []), .pieces([], then: .end),
        ]
        try await ScriptedServer.run(script) { server in
            try await KubernetesClient.with(server) { client in
                for _ in 0..<2 {
                    let error = await failure { try await client.log(ofPod: "a", namespace: "tool-demo") }
                    #expect(error?.logObstacle(ofPod: "a") == .notStarted)
                }
                for try await _ in try await client.log(ofPod: "a", namespace: "tool-demo") {
                    Issue.record("an empty log has no pieces")
                }
            }
        }
    }

    /// Streams that stay open leave the connections for calls alone.
    @Test func callsDoNotWaitForStreams() async throws {
        try await ScriptedServer.run(answering: { request in
            request.target.contains("/log") ? .pieces([[1]], then: .silence) : .json(200, Gadget.stored("a"))
        }) { server in
            let client = try KubernetesClient(
                configuration: KubernetesConfiguration(
                    server: ServerAddress(url: server.url),
                    certificateAuthority: .bytes(try TestAuthority.trusted.get().certificate)),
                options: KubernetesClientOptions(fieldManager: "tests", maximumConnections: 1, maximumStreams: 2),
                logger: .init(label: "test"))
            let logs = [
                try await client.log(ofPod: "a", namespace: "tool-demo"),
                try await client.log(ofPod: "b", namespace: "tool-demo"),
            ]
            #expect(try await client.gadgets.get("a").metadata.name == "a")
            let third = await failure {
                try await CallDeadline.within(.milliseconds(200)) {
                    try await client.log(ofPod: "c", namespace: "tool-demo")
                }
            }
            #expect(third?.code == .timeout)
            logs[0].stream.close()
            _ = try await client.log(ofPod: "c", namespace: "tool-demo")
            await client.shutdown()
        }
    }
}
