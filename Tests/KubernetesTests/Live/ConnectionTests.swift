import JSON
import Logging
import Testing

@testable import Kubernetes

@Suite struct ConnectionTests {
    @Test func readsAgainOnANewConnectionWhenTheOldOneWasStale() async throws {
        let script: [ScriptedStep] = [.json(200, Gadget.stored("a")), .close, .json(200, Gadget.stored("a", size: 9))]
        try await ScriptedServer.run(script) { server in
            let second = try await KubernetesClient.with(server) { client in
                _ = try await client.gadgets.get("a")
                return try await client.gadgets.get("a")
            }
            #expect(second.size == 9)
            #expect(server.requests.map(\.connection) == [0, 0, 1])
        }
    }

    @Test func readsAgainWhenTheResponseBreaksOff() async throws {
        try await ScriptedServer.run([.closeMidBody, .json(200, Gadget.stored("a", size: 9))]) { server in
            let gadget = try await KubernetesClient.with(server) { try await $0.gadgets.get("a") }
            #expect(gadget.size == 9)
        }
    }

    @Test(arguments: [500, 502, 503, 504])
    func readsAgainWhenTheServerSaysThatItFailed(_ status: Int) async throws {
        let failed = ScriptedStep.status(status, nil, "no")
        try await ScriptedServer.run([failed, .json(200, Gadget.stored("a", size: 9))]) { server in
            let gadget = try await KubernetesClient.with(server) { try await $0.gadgets.get("a") }
            #expect(gadget.size == 9)
        }
    }

    /// The store behind the API server says so with a status that everything else is repeated for.
    @Test func doesNotSendAgainWhatIsTooLargeForTheStore() async throws {
        try await ScriptedServer.run([.status(500, nil, "etcdserver: request is too large")]) { server in
            try await KubernetesClient.with(server) { client in
                let error = await failure { try await client.gadgets.create(Gadget("a"), isRepeatable: true) }
                #expect(error?.code == .tooLarge)
            }
            #expect(server.requests.count == 1)
        }
    }

    @Test(arguments: [ScriptedStep.close, .closeMidBody])
    func sendsACreationOnceAndSaysThatItsOutcomeIsUnknown(_ step: ScriptedStep) async throws {
        try await ScriptedServer.run([step]) { server in
            try await KubernetesClient.with(server) { client in
                let error = await failure { try await client.gadgets.create(Gadget("a")) }
                #expect(error?.code == .connection)
                #expect(error?.mayHaveBeenApplied == true)
            }
        }
    }

    @Test func marksAnAlreadyExistsThatMayBeTheEchoOfItsOwnCreation() async throws {
        let exists = ScriptedStep.status(409, "AlreadyExists", "gadgets \"a\" already exists")
        try await ScriptedServer.run([.close, exists, exists]) { server in
            try await KubernetesClient.with(server) { client in
                let echo = await failure { try await client.gadgets.create(Gadget("a"), isRepeatable: true) }
                #expect(echo?.isAlreadyExists == true)
                #expect(echo?.mayHaveBeenApplied == true)
                let foreign = await failure { try await client.gadgets.create(Gadget("a"), isRepeatable: true) }
                #expect(foreign?.isAlreadyExists == true)
                #expect(foreign?.mayHaveBeenApplied == false)
            }
        }
    }

    @Test func repeatsWritesWhoseRepetitionIsHarmless() async throws {
        let stored = ScriptedStep.json(200, Gadget.stored("a"))
        let deleted = ScriptedStep.json(
            200, ["kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success"])
        let script: [ScriptedStep] = [.close, stored, .close, stored, .close, stored, .close, deleted]
        try await ScriptedServer.run(script) { server in
            try await KubernetesClient.with(server) { client in
                _ = try await client.gadgets.replace(Gadget("a", resourceVersion: "7"))
                _ = try await client.gadgets.mergePatch("a", ["spec": ["size": 2]])
                _ = try await client.gadgets.jsonPatch("a", [.add("/spec", ["size": 2])])
                try await client.gadgets.delete("a", preconditions: DeletePreconditions(uid: "u-1"))
            }
            let requests = server.requests
            #expect(requests.map(\.method) == ["PUT", "PUT", "PATCH", "PATCH", "PATCH", "PATCH", "DELETE", "DELETE"])
            // A repeated request is the same request.
            for index in stride(from: 0, to: 8, by: 2) { #expect(requests[index].body == requests[index + 1].body) }
        }
    }

    @Test func readsTheObjectWhereverTheResponseBreaksOff() async throws {
        let body = Gadget.stored("a").serialized()
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: \(body.count)\r\n\r\n"
        let whole = Array(head.utf8) + body
        // Each odd request is cut at the next byte, each even one is answered.
        let script = (0..<whole.count).flatMap { [ScriptedStep.raw(Array(whole.prefix($0))), .raw(whole)] }
        try await ScriptedServer.run(script) { server in
            try await KubernetesClient.with(server) { client in
                for _ in 0..<whole.count {
                    let gadget = try await client.gadgets.get("a")
                    #expect(gadget.metadata.uid == "u-1")
                }
            }
            #expect(server.requests.count == 2 * whole.count)
        }
    }

    @Test func givesUpAfterThreeRepeats() async throws {
        try await ScriptedServer.run([.close, .close, .close, .close]) { server in
            let error = await failure {
                try await KubernetesClient.with(server) { try await $0.gadgets.get("a") }
            }
            #expect(error?.code == .connection)
            #expect(error?.mayHaveBeenApplied == false)
        }
    }

    @Test func refusesAnEndlessBodyWithoutReadingItToItsEnd() async throws {
        for announced in [true, false] {
            try await ScriptedServer.run([.large(bytes: 64 << 20, announced: announced)]) { server in
                let error = await failure {
                    try await KubernetesClient.with(server) { try await $0.gadgets.get("a") }
                }
                #expect(error?.code == .responseTooLarge)
            }
        }
    }

    @Test func followsNoRedirect() async throws {
        try await ScriptedServer.run([]) { other in
            let away = ScriptedStep.response(status: 307, headers: ["location": other.url + "/stolen"], body: [])
            try await ScriptedServer.run([away]) { server in
                let error = await failure {
                    try await KubernetesClient.with(server) { try await $0.gadgets.create(Gadget("a")) }
                }
                #expect(error?.code == .invalidResponse)
                #expect(error?.httpStatus == 307)
            }
            #expect(other.connections == 0)
        }
    }

    @Test func sendsNothingWithANameThatMustNotStandInAPath() async throws {
        let names = [
            "", ".", "..", "a/b", "../x", "%2e%2e", "a%2Fb", "A", "a b", "a\r\nX-Y: z", "é", "a_b", "-a", "a.",
            String(repeating: "a", count: 254),
        ]
        try await ScriptedServer.run([]) { server in
            try await KubernetesClient.with(server) { client in
                for name in names {
                    #expect(await failure { try await client.gadgets.get(name) }?.code == .invalidRequest)
                    let elsewhere = client.resources(Gadget.self, namespace: name)
                    #expect(await failure { try await elsewhere.get("a") }?.code == .invalidRequest)
                    #expect(await failure { try await elsewhere.create(Gadget("a")) }?.code == .invalidRequest)
                    #expect(await failure { try await elsewhere.list() }?.code == .invalidRequest)
                }
                #expect(await failure { try await client.get(path: "/api/../x") }?.code == .invalidRequest)
                #expect(await failure { try await client.get(path: "/readyz?x=y") }?.code == .invalidRequest)
            }
        }
    }

    @Test func sendsNoObjectThatIsTooLarge() async throws {
        try await ScriptedServer.run([]) { server in
            try await KubernetesClient.with(server) { client in
                let patch: JSONValue = ["spec": ["text": .string(String(repeating: "a", count: 1 << 20))]]
                let error = await failure { try await client.gadgets.mergePatch("a", patch) }
                #expect(error?.code == .tooLarge)
                #expect(error?.mayHaveBeenApplied == false)
            }
        }
    }

    @Test func failsFastWhileTheClusterIsAway() async throws {
        // A port that was free a moment ago: nobody listens there.
        let url = try await ScriptedServer.run([]) { $0.url }
        let client = try KubernetesClient(
            configuration: KubernetesConfiguration(server: ServerAddress(url: url)),
            options: KubernetesClientOptions(
                fieldManager: "tests", retryPolicy: RetryPolicy(firstDelay: .milliseconds(1))),
            logger: .init(label: "test"))
        let first = await failure { try await client.gadgets.create(Gadget("a")) }
        let second = await failure { try await client.gadgets.create(Gadget("a")) }
        await client.shutdown()
        // The first call's own attempts open the breaker.
        #expect(first?.mayHaveBeenApplied == false)
        #expect(second?.code == .unavailable)
        #expect(second?.retryAfter != nil)
        #expect(second?.mayHaveBeenApplied == false)
    }
}
