import Components
import Logging
import Testing

@testable import ComponentsServer
@testable import Git

/// What the rules are told of what the hosts answer.
struct GitCommitResolverTests {
    private func resolver(allowed: String = "127.0.0.0/8") throws -> GitCommitResolver {
        var limits = GitClient.Limits()
        limits.time = .seconds(60)
        return GitCommitResolver(
            client: GitClient(
                rule: AddressRule(allowing: [try #require(AddressRange(allowed))]), limits: limits,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
    }

    @Test func aRefIsACommitOrIsMissing() async throws {
        try await GitFolder.run { folder in
            let commit = try await folder.repository("r.git")
            try await folder.git("tag", "main", commit, in: "r.git")
            try await HTTPStub.run({ try await folder.respond(to: $0) }) { server in
                let resolver = try resolver()
                let url = "\(server.url)/r.git"
                let found = await resolver.resolve(BuildSource(repository: url, ref: nil))
                #expect(found == .commit(commit))
                guard
                    case .commit(commit, let warnings) = await resolver.resolve(
                        BuildSource(repository: url, ref: "main"))
                else { throw GitFolder.Failure(description: "main is not found") }
                #expect(warnings.count == 1)
                let whole = await resolver.resolve(BuildSource(repository: url, ref: String(repeating: "A", count: 40)))
                #expect(whole == .commit(String(repeating: "a", count: 40)))
                guard case .missing(let failure) = await resolver.resolve(BuildSource(repository: url, ref: "nope"))
                else {
                    throw GitFolder.Failure(description: "nope is found")
                }
                #expect(failure.reason == .refNotFound)
                #expect(failure.message.hasPrefix("the repository has no branch or tag nope; "))
            }
        }
    }

    @Test(arguments: [(404, Reason.repositoryNotFound), (401, .repositoryPrivate)])
    func aRepositoryThatIsNotThereIsMissing(_ status: Int, _ reason: Reason) async throws {
        try await HTTPStub.run({ _ in StubResponse(status: status) }) { server in
            let source = BuildSource(repository: "\(server.url)/r", ref: "main")
            guard case .missing(let failure) = try await resolver().resolve(source) else {
                throw GitFolder.Failure(description: "it is found")
            }
            #expect(failure.reason == reason)
            #expect(failure.message.hasSuffix("; \(reason.nextStep)"))
        }
    }

    @Test(arguments: ["http://127.0.0.1:1/r", "git://127.0.0.1/r"])
    func whatIsNotReachedIsNotKnown(_ url: String) async throws {
        guard case .unknown = try await resolver().resolve(BuildSource(repository: url, ref: "main")) else {
            throw GitFolder.Failure(description: "it is known")
        }
    }

    @Test func aHostThatFailsOrSpeaksNonsenseIsNotKnownAndOneInsideIsNotCalled() async throws {
        try await HTTPStub.run({ request in
            request.target.hasPrefix("/nonsense") ? .advertisement(Array("zzzz".utf8)) : StubResponse(status: 503)
        }) { server in
            for path in ["/r", "/nonsense"] {
                let source = BuildSource(repository: server.url + path, ref: "main")
                guard case .unknown = try await resolver().resolve(source) else {
                    throw GitFolder.Failure(description: "\(path) is known")
                }
            }
            let count = server.requests.count
            let source = BuildSource(repository: "\(server.url)/r", ref: "main")
            guard case .unknown(let why) = try await resolver(allowed: "10.0.0.0/8").resolve(source) else {
                throw GitFolder.Failure(description: "it is known")
            }
            #expect(why.contains("not on the public internet"))
            #expect(server.requests.count == count)
        }
    }
}
