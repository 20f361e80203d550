import JSON
import Testing

@testable import Kubernetes

@Suite struct DeadlineTests {
    /// Short, and long enough for a request to go out over a connection that stands, on a busy machine too.
    private static let short = Duration.seconds(2)

    @Test(arguments: [ScriptedStep.hang, .drip])
    func endsAReadAtItsDeadline(_ step: ScriptedStep) async throws {
        try await ScriptedServer.run([.json(200, Gadget.stored("a")), step]) { server in
            try await KubernetesClient.with(server) { client in
                _ = try await client.gadgets.get("a")
                let error = await failure {
                    try await CallDeadline.within(Self.short) { try await client.gadgets.get("a") }
                }
                #expect(error?.code == .timeout)
                #expect(error?.mayHaveBeenApplied == false)
            }
        }
    }

    @Test(arguments: [ScriptedStep.hang, .drip])
    func doesNotKnowWhatBecameOfAWriteThatTimedOut(_ step: ScriptedStep) async throws {
        try await ScriptedServer.run([.json(200, Gadget.stored("a")), step]) { server in
            try await KubernetesClient.with(server) { client in
                _ = try await client.gadgets.get("a")
                let error = await failure {
                    try await CallDeadline.within(Self.short) {
                        try await client.gadgets.create(Gadget("a"), isRepeatable: true)
                    }
                }
                #expect(error?.code == .timeout)
                #expect(error?.mayHaveBeenApplied == true)
            }
        }
    }

    @Test func aDeadlineThatHasPassedSendsNothing() async throws {
        try await ScriptedServer.run([]) { server in
            try await KubernetesClient.with(server) { client in
                let error = await failure {
                    try await CallDeadline.at(.now - .seconds(1)) { try await client.gadgets.create(Gadget("a")) }
                }
                #expect(error?.code == .timeout)
                #expect(error?.mayHaveBeenApplied == false)
            }
        }
    }

    @Test func aDeadlineIsOnlyBroughtForward() async {
        let near = ContinuousClock.now + .seconds(1)
        await CallDeadline.at(near) {
            await CallDeadline.within(.seconds(3600)) { #expect(CallDeadline.current == near) }
        }
    }

    @Test func endsWhenItsTaskIsCancelled() async throws {
        let (arrivals, arrived) = AsyncStream.makeStream(of: Void.self)
        let hang = ScriptedStep.after({ _ in arrived.yield() }, .hang)
        try await ScriptedServer.run([hang]) { server in
            try await KubernetesClient.with(server) { client in
                let error = await withTaskGroup(of: KubernetesError?.self) { group in
                    group.addTask { await failure { try await client.gadgets.create(Gadget("a")) } }
                    for await _ in arrivals { break }
                    group.cancelAll()
                    return await group.next() ?? nil
                }
                #expect(error?.code == .cancelled)
                #expect(error?.mayHaveBeenApplied == true)
            }
        }
    }

    @Test func reportsAWaitThatIsLongerThanTheDeadlineAtOnce() async throws {
        for header in ["1000000000000", "99999999999999999999999", "Sun, 22 Nov 2099 10:15:00 GMT"] {
            let busy = ScriptedStep.status(429, "TooManyRequests", "later", headers: ["retry-after": header])
            try await ScriptedServer.run([busy]) { server in
                let error = await failure {
                    try await KubernetesClient.with(server) { try await $0.gadgets.create(Gadget("a")) }
                }
                #expect(error?.code == .tooManyRequests)
                #expect(error?.retryAfter == .seconds(86_400))
                #expect(error?.mayHaveBeenApplied == false)
            }
        }
    }

    @Test(arguments: ["0", "-1", "Sun, 22 Nov 1999 10:15:00 GMT", "soon", ""])
    func sendsACreationAgainThatWasRefusedUnexecuted(_ header: String) async throws {
        let busy = ScriptedStep.status(429, "TooManyRequests", "later", headers: ["retry-after": header])
        try await ScriptedServer.run([busy, busy, .json(201, Gadget.stored("a"))]) { server in
            let gadget = try await KubernetesClient.with(server) { try await $0.gadgets.create(Gadget("a")) }
            #expect(gadget.metadata.uid == "u-1")
        }
    }
}
