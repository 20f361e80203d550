import JSON
import Logging
import Testing

@testable import Kubernetes

@Suite struct CredentialTests {
    private static let unauthorized = ScriptedStep.status(401, "Unauthorized", "Unauthorized")

    @Test func takesTheNewTokenFromTheFileAtA401() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("token", "secret-1\n")
        let rotated = ScriptedStep.after({ _ in try folder.write("token", "secret-2\n") }, Self.unauthorized)
        try await ScriptedServer.run([rotated, .json(201, Gadget.stored("a"))]) { server in
            _ = try await KubernetesClient.with(server, token: nil, tokenFile: file) {
                try await $0.gadgets.create(Gadget("a"))
            }
            #expect(server.requests.map { $0.headers["authorization"] } == ["Bearer secret-1", "Bearer secret-2"])
        }
    }

    @Test func noCallerNoticesThatTheTokenIsReplaced() async throws {
        let gate = try TokenGate(callers: ["a", "b", "c", "d"], rotations: 100)
        try await ScriptedServer.run(answering: gate.answer) { server in
            try await KubernetesClient.with(server, token: nil, tokenFile: gate.file) { client in
                await withTaskGroup(of: KubernetesError?.self) { group in
                    for caller in gate.callers {
                        group.addTask {
                            await failure { while !gate.isDone { _ = try await client.gadgets.get(caller) } }
                        }
                    }
                    for await error in group { #expect(error == nil) }
                }
            }
            #expect(server.requests.count >= 100 * gate.callers.count)
        }
    }

    @Test func followsATokenThatIsReplacedWhileItIsAtIt() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("token", "secret-1")
        let script = (2...4).map { number in
            ScriptedStep.after({ _ in try folder.write("token", "secret-\(number)") }, Self.unauthorized)
        }
        try await ScriptedServer.run(script + [.json(200, Gadget.stored("a"))]) { server in
            _ = try await KubernetesClient.with(server, token: nil, tokenFile: file) { try await $0.gadgets.get("a") }
            #expect(
                server.requests.map { $0.headers["authorization"] } == (1...4).map { "Bearer secret-\($0)" })
        }
    }

    @Test func givesUpWhenEveryNewTokenIsRefused() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("token", "secret-1")
        let script = (2...5).map { number in
            ScriptedStep.after({ _ in try folder.write("token", "secret-\(number)") }, Self.unauthorized)
        }
        try await ScriptedServer.run(script) { server in
            let error = await failure {
                try await KubernetesClient.with(server, token: nil, tokenFile: file) { try await $0.gadgets.get("a") }
            }
            #expect(error?.code == .unauthorized)
            #expect(server.requests.count == 4)
        }
    }

    @Test func repeatsNothingWhenTheTokenIsTheSame() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("token", "secret-1")
        try await ScriptedServer.run([Self.unauthorized]) { server in
            let error = await failure {
                try await KubernetesClient.with(server, token: nil, tokenFile: file) { try await $0.gadgets.get("a") }
            }
            #expect(error?.code == .unauthorized)
            #expect(server.requests.count == 1)
        }
    }

    @Test func doesNotRepeatWithATokenThatWasRefused() async throws {
        try await ScriptedServer.run([Self.unauthorized]) { server in
            let error = await failure { try await KubernetesClient.with(server) { try await $0.gadgets.get("a") } }
            #expect(error?.code == .unauthorized)
        }
    }

    @Test(arguments: ["", "\n \n", nil])
    func keepsTheLastGoodTokenWhileTheFileHoldsNone(_ contents: String?) async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("token", "secret-1")
        let step = ScriptedStep.after(
            { _ in
                if let contents { try folder.write("token", contents) } else { try folder.remove("token") }
            }, Self.unauthorized)
        try await ScriptedServer.run([step, .json(200, Gadget.stored("a"))]) { server in
            try await KubernetesClient.with(server, token: nil, tokenFile: file) { client in
                #expect(await failure { try await client.gadgets.get("a") }?.code == .unauthorized)
                _ = try await client.gadgets.get("a")
            }
            #expect(server.requests.map { $0.headers["authorization"] } == ["Bearer secret-1", "Bearer secret-1"])
        }
    }

    enum BadServer: CaseIterable, Sendable { case foreignAuthority, otherHost, expired }

    @Test(arguments: BadServer.allCases)
    func sendsNoByteToAServerThatItDoesNotTrust(_ server: BadServer) async throws {
        let trusted = try TestAuthority.trusted.get()
        let identity: TestAuthority.Identity =
            switch server {
            case .foreignAuthority: try TestAuthority.foreign.get().server
            case .otherHost: trusted.elsewhere
            case .expired: trusted.expired
            }
        try await ScriptedServer.run([], identity: identity) { server in
            let error = await failure {
                try await KubernetesClient.with(server, maximumRetries: 0) { try await $0.gadgets.create(Gadget("a")) }
            }
            #expect(error?.code == .connection)
            #expect(error?.mayHaveBeenApplied == false)
            #expect(server.bytesReceived == 0)
        }
    }

    @Test func asksForTheCertificateOfTheNameThatIsConfigured() async throws {
        let identity = try TestAuthority.trusted.get().elsewhere
        try await ScriptedServer.run([.json(200, Gadget.stored("a"))], identity: identity) { server in
            _ = try await KubernetesClient.with(server, serverName: "elsewhere.example") {
                try await $0.gadgets.get("a")
            }
            #expect("https://" + (server.requests[0].headers["host"] ?? "") == server.url)
        }
    }

    @Test func trustsTheAuthorityThatReplacesAnotherWithoutARestart() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("ca.crt", try TestAuthority.foreign.get().certificate)
        try await ScriptedServer.run([.json(200, Gadget.stored("a"))]) { server in
            try await KubernetesClient.with(server, authority: .file(file), maximumRetries: 0) { client in
                let untrusted = await failure { try await client.gadgets.get("a") }
                #expect(untrusted?.code == .connection && untrusted?.isTLSFailure == true)
                // What is caught half-written leaves everything as it is.
                try folder.write("ca.crt", "-----BEGIN")
                #expect(client.calls.transport.renewCertificates(unlessYoungerThan: .zero) == false)
                try folder.write("ca.crt", try TestAuthority.trusted.get().certificate)
                #expect(client.calls.transport.renewCertificates(unlessYoungerThan: .zero))
                #expect(client.calls.transport.renewCertificates(unlessYoungerThan: .zero) == false)
                _ = try await client.gadgets.get("a")
            }
        }
    }

    /// Nobody tells the client to look: a connection that does not come about makes it.
    @Test func looksForAnotherAuthorityWhenTheServersIsNotTrusted() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("ca.crt", try TestAuthority.foreign.get().certificate)
        try await ScriptedServer.run([.json(200, Gadget.stored("a"))]) { server in
            try await KubernetesClient.with(server, authority: .file(file)) { client in
                #expect(await failure { try await client.gadgets.get("a") }?.code == .connection)
                try folder.write("ca.crt", try TestAuthority.trusted.get().certificate)
                // It looks at most once a second; by itself it would look after a minute.
                let patience = ContinuousClock.now + .seconds(30)
                while await failure({ try await client.gadgets.get("a") }) != nil {
                    try #require(ContinuousClock.now < patience)
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
            #expect(server.requests.count == 1)
        }
    }

    @Test func finishesWhatTheReplacedClientHasUnderWay() async throws {
        let folder = try TemporaryFolder()
        let authority = try TestAuthority.trusted.get().certificate
        let file = try folder.write("ca.crt", authority)
        let (arrivals, arrived) = AsyncStream.makeStream(of: Void.self)
        let large = ScriptedStep.after({ _ in arrived.yield() }, .json(200, Gadget.stored("a")))
        try await ScriptedServer.run([large, .json(200, Gadget.stored("a"))]) { server in
            try await KubernetesClient.with(server, authority: .file(file)) { client in
                async let first = client.gadgets.get("a")
                for await _ in arrivals { break }
                try folder.write("ca.crt", authority + Array("\n".utf8))
                #expect(client.calls.transport.renewCertificates(unlessYoungerThan: .zero))
                #expect(try await first.size == 1)
                _ = try await client.gadgets.get("a")
            }
            #expect(server.requests.map(\.connection) == [0, 1])
        }
    }

    @Test func neverLogsATokenOrABody() async throws {
        let log = LogRecorder()
        var logger = Logger(label: "test") { _ in log }
        logger.logLevel = .trace
        let script: [ScriptedStep] = [
            .close, .json(200, Gadget.stored("a", size: 424_242)), Self.unauthorized, .status(500, nil, "broken"),
        ]
        try await ScriptedServer.run(script) { server in
            try await KubernetesClient.with(server, token: "secret-1", logger: logger) { client in
                _ = try await client.gadgets.get("a")
                _ = await failure { try await client.gadgets.get("a") }
                let error = await failure { try await client.gadgets.create(Gadget("a", size: 424_242)) }
                #expect(!String(reflecting: error).contains("secret-1"))
            }
        }
        let lines = log.lines
        #expect(lines.count == 4)
        #expect(!lines.joined().contains("secret-1"))
        #expect(!lines.joined().contains("424242"))
    }
}
