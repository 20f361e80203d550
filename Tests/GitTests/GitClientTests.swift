import Foundation
import Logging
import Synchronization
import Testing

@testable import Git

/// The client against the installed git, behind a small server.
struct GitClientTests {
    private static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func client(
        limits: GitClient.Limits = .unhurried, resolver: HostResolver = .system, allowed: String = "127.0.0.0/8"
    ) throws -> GitClient {
        let range = try #require(AddressRange(allowed))
        return GitClient(
            rule: AddressRule(allowing: [range]), limits: limits, resolver: resolver, logger: Self.silent)
    }

    private func failure(_ ref: String?, in url: String, _ other: GitClient? = nil) async throws -> GitError {
        let client = try other ?? client()
        return try await #require(throws: GitError.self) { try await client.resolve(ref, in: url) }
    }

    /// A repository whose names are made to be mistaken for one another.
    private func adversarial(_ folder: GitFolder, format: String) async throws {
        try await folder.repository("r.git", format: format)
        for ref in [
            "refs/heads/aaa/main", "refs/heads/main2", "refs/heads/feature/x", "refs/heads/both", "refs/heads/HEAD",
            "refs/heads/refs/heads/main", "refs/heads/ünïcode", "refs/heads/a{b", "refs/notes/commits",
            "refs/tags/light",
        ] {
            _ = try await folder.commit(ref, to: ref, in: "r.git")
        }
        let tagged = try await folder.commit("tagged", to: "refs/heads/tagged", in: "r.git")
        try await folder.git("tag", "-a", "-m", "x", "annotated", tagged, in: "r.git")
        try await folder.git("tag", "-a", "-m", "x", "twice", "annotated", in: "r.git")
        try await folder.git("tag", "both", tagged, in: "r.git")
    }

    @Test(arguments: [("sha1", 2), ("sha1", 1), ("sha1", 0), ("sha256", 2), ("sha256", 0)])
    func resolvesAsGitDoes(_ format: String, _ version: Int) async throws {
        try await GitFolder.run { folder in
            try await adversarial(folder, format: format)
            try await HTTPStub.run({ try await folder.respond(to: $0, version: version) }) { server in
                let client = try client()
                // What `git ls-remote` shows, peeled tags among it.
                let shown = try await folder.git("ls-remote", ".", in: "r.git").split(separator: "\n")
                var objects: [String: String] = [:]
                for line in shown {
                    let words = line.split(separator: "\t").map(String.init)
                    objects[words[1]] = words[0]
                }
                for name in objects.keys where !name.hasSuffix("^{}") {
                    let resolved = try await client.resolve(name, in: "\(server.url)/r.git")
                    #expect(resolved.commit == objects["\(name)^{}"] ?? objects[name], "\(name)")
                    if name != "HEAD" { #expect(resolved.name == name) }
                }
                for (short, whole) in [
                    ("main", "refs/heads/main"), ("feature/x", "refs/heads/feature/x"), ("light", "refs/tags/light"),
                    ("heads/main2", "refs/heads/main2"), ("tags/light", "refs/tags/light"),
                    ("ünïcode", "refs/heads/ünïcode"), ("a{b", "refs/heads/a{b"),
                    ("notes/commits", "refs/notes/commits"),
                ] {
                    let resolved = try await client.resolve(short, in: "\(server.url)/r.git")
                    #expect(resolved == ResolvedRef(commit: objects[whole] ?? "", name: whole), "\(short)")
                }
                let annotated = try await client.resolve("annotated", in: "\(server.url)/r.git")
                #expect(annotated.commit == objects["refs/heads/tagged"])
                #expect(try await client.resolve("twice", in: "\(server.url)/r.git").commit == annotated.commit)
                let head = try await client.resolve(nil, in: "\(server.url)/r.git")
                #expect(head == ResolvedRef(commit: objects["HEAD"] ?? "", name: "refs/heads/main"))
                let both = try await client.resolve("both", in: "\(server.url)/r.git")
                #expect(both.name == "refs/tags/both")
                #expect(both.commit == objects["refs/tags/both"])
                #expect(both.warnings.count == 1)
                for missing in ["mai", "aaa", "x", "@", "MAIN", "refs/heads", "light^{}", "main/"] {
                    let error = try await failure(missing, in: "\(server.url)/r.git", client)
                    #expect(error.code == .refNotFound, "\(missing)")
                }
                let short = String(annotated.commit.prefix(8))
                let error = try await failure(short, in: "\(server.url)/r.git", client)
                #expect(error.message.contains("write all its digits"))
            }
        }
    }

    @Test func readsOfManyRefsOnlyThoseThatMayBeMeant() async throws {
        try await GitFolder.run { folder in
            let commit = try await folder.repository("many.git")
            let updates = (0..<20_000).map { "create refs/heads/b\($0) \(commit)\n" }.joined()
            try await folder.git("update-ref", "--stdin", in: "many.git", input: updates)
            try await folder.git("pack-refs", "--all", in: "many.git")
            try await HTTPStub.run({ try await folder.respond(to: $0) }) { server in
                #expect(try await client().resolve("main", in: "\(server.url)/many.git").commit == commit)
                #expect(server.requests.map(\.method) == ["GET", "POST"])
                let error = try await failure("b", in: "\(server.url)/many.git")
                #expect(error.code == .invalidResponse)
            }
            // A server that cannot be asked for a few sends all: more than is read.
            try await HTTPStub.run({ try await folder.respond(to: $0, version: 0) }) { server in
                let error = try await failure("main", in: "\(server.url)/many.git")
                #expect(error.code == .invalidResponse)
            }
        }
    }

    @Test func anEmptyRepositoryHasNoRef() async throws {
        try await GitFolder.run { folder in
            try await folder.git("init", "--quiet", "--bare", "empty.git")
            for version in [0, 2] {
                try await HTTPStub.run({ try await folder.respond(to: $0, version: version) }) { server in
                    let error = try await failure(nil, in: "\(server.url)/empty.git")
                    #expect(error.code == .refNotFound)
                    #expect(error.message.contains("push a first commit"))
                    let other = try await failure("main", in: "\(server.url)/empty.git")
                    #expect(other.code == .refNotFound)
                }
            }
        }
    }

    @Test func aWholeCommitIsReturnedWithoutACall() async throws {
        for commit in [String(repeating: "aB", count: 20), String(repeating: "0", count: 64)] {
            let resolved = try await client().resolve(commit, in: "https://127.0.0.1:1/r")
            #expect(resolved == ResolvedRef(commit: commit.lowercased(), name: nil))
        }
    }

    @Test(
        arguments: [
            (401, .repositoryPrivate), (403, .repositoryPrivate), (404, .repositoryNotFound),
            (410, .repositoryNotFound), (400, .repositoryUnreachable), (429, .repositoryUnreachable),
            (500, .repositoryUnreachable), (503, .repositoryUnreachable), (204, .repositoryUnreachable),
        ] as [(Int, GitError.Code)])
    func statusesHaveTheirCode(_ status: Int, _ code: GitError.Code) async throws {
        try await HTTPStub.run({ _ in StubResponse(status: status) }) { server in
            let error = try await failure("main", in: "\(server.url)/r")
            #expect(error.code == code)
        }
    }

    @Test func asksAsGitAsksAndSendsNothingElse() async throws {
        try await GitFolder.run { folder in
            try await folder.repository("r.git")
            try await HTTPStub.run({ try await folder.respond(to: $0) }) { server in
                _ = try await client().resolve("main", in: "\(server.url)/r.git")
                let first = try #require(server.requests.first)
                #expect(first.target == "/r.git/info/refs?service=git-upload-pack")
                #expect(first["Git-Protocol"] == "version=2")
                #expect(first["Host"] == "127.0.0.1:\(server.port)")
                for request in server.requests {
                    #expect(request["Authorization"] == nil && request["Cookie"] == nil)
                }
            }
        }
    }

    @Test func followsTwoRedirectsOfOneHost() async throws {
        try await GitFolder.run { folder in
            let commit = try await folder.repository("r.git")
            try await HTTPStub.run({ request in
                let query = "info/refs?service=git-upload-pack"
                switch request.target {
                case "/a/\(query)": return StubResponse(status: 301, headers: [("Location", "/b/\(query)")])
                case "/b/\(query)": return StubResponse(status: 302, headers: [("Location", "../../r.git/\(query)")])
                case "/x/\(query)": return StubResponse(status: 302, headers: [("Location", "/a/\(query)")])
                case "/login/\(query)": return StubResponse(status: 302, headers: [("Location", "/sign_in")])
                case "/out/\(query)":
                    return StubResponse(status: 302, headers: [("Location", "http://127.0.0.2/r.git/\(query)")])
                case "/none/\(query)": return StubResponse(status: 302)
                default: return try await folder.respond(to: request)
                }
            }) { server in
                #expect(try await client().resolve("main", in: "\(server.url)/a").commit == commit)
                #expect(server.requests.last?.target == "/r.git/git-upload-pack")
                for path in ["x", "login", "out", "none"] {
                    let count = server.requests.count
                    let error = try await failure("main", in: "\(server.url)/\(path)")
                    #expect(error.code == .redirected, "\(path)")
                    #expect(error.message.contains("write the URL that it leads to"))
                    #expect(server.requests.count == count + (path == "x" ? 3 : 1))
                }
            }
        }
    }

    @Test func everyAddressOfANameIsChecked() async throws {
        try await HTTPStub.run({ _ in StubResponse(status: 404) }) { server in
            let mixed = HostResolver { _ in ["127.0.0.1", "10.0.0.1"].compactMap(IPAddress.init) }
            let error = try await failure("main", in: "http://x.test:\(server.port)/r", try client(resolver: mixed))
            #expect(error.code == .addressRefused)
            #expect(server.requests.isEmpty)
        }
    }

    @Test func theConnectionGoesToTheAddressThatWasChecked() async throws {
        try await GitFolder.run { folder in
            let commit = try await folder.repository("r.git")
            try await HTTPStub.run({ try await folder.respond(to: $0) }) { server in
                // A name that leads elsewhere the second time; the system does not know it at all.
                let asked = Mutex(0)
                let rebinding = HostResolver { _ in
                    let count = asked.withLock { count in
                        count += 1
                        return count
                    }
                    return [count == 1 ? "127.0.0.1" : "127.0.0.2"].compactMap(IPAddress.init)
                }
                let client = try client(resolver: rebinding)
                let url = "http://rebind.test:\(server.port)/r.git"
                #expect(try await client.resolve("main", in: url).commit == commit)
                #expect(asked.withLock { $0 } == 1)
                #expect(server.requests.allSatisfy { $0["Host"] == "rebind.test:\(server.port)" })
            }
        }
    }

    @Test func anAddressThatCannotBeReachedIsFollowedByTheNext() async throws {
        try await GitFolder.run { folder in
            let commit = try await folder.repository("r.git")
            try await HTTPStub.run({ try await folder.respond(to: $0) }) { server in
                let resolver = HostResolver { _ in ["127.0.0.99", "127.0.0.1"].compactMap(IPAddress.init) }
                let url = "http://two.test:\(server.port)/r.git"
                let client = try client(resolver: resolver)
                #expect(try await client.resolve("main", in: url).commit == commit)
            }
        }
    }

    @Test(
        arguments: [
            ("0000", "", .refNotFound), ("zzzz", "", .invalidResponse), ("0009", "", .invalidResponse),
            ("0008ERR ", "", .repositoryNotFound), ("000eversion 2\n0000", "", .invalidResponse),
            ("000cERR gone", "", .repositoryNotFound),
            ("000eversion 2\n000bls-refs0000", "0008abcd0000", .invalidResponse),
            ("000eversion 2\n000bls-refs0000", "0000", .refNotFound),
            ("000eversion 2\n000bls-refs0000", "000", .invalidResponse),
        ] as [(String, String, GitError.Code)])
    func whatIsNoResponseOfGitHasACode(_ first: String, _ second: String, _ code: GitError.Code) async throws {
        try await HTTPStub.run({ request in
            guard request.method == "POST" else { return .advertisement(Array(first.utf8)) }
            return StubResponse(
                headers: [("Content-Type", "application/x-git-upload-pack-result")], body: Array(second.utf8))
        }) { server in
            let error = try await failure("main", in: "\(server.url)/r")
            #expect(error.code == code, "\(error)")
        }
    }

    @Test func aPageIsNoRepositoryAndAFileTellsNothing() async throws {
        for (type, code) in [
            ("text/html; charset=utf-8", GitError.Code.repositoryNotFound), ("text/plain", .invalidResponse),
        ] {
            try await HTTPStub.run({ _ in
                StubResponse(headers: [("Content-Type", type)], body: Array("<html>".utf8))
            }) { server in
                let error = try await failure("main", in: "\(server.url)/r")
                #expect(error.code == code)
            }
        }
    }

    @Test func aLongResponseIsNotReadToItsEnd() async throws {
        let line = PacketLineReader.packet(
            "\(String(repeating: "1", count: 40)) refs/heads/\(String(repeating: "x", count: 900))\n")
        let body = Array(repeatElement(line, count: 2_000).joined())
        try await HTTPStub.run({ _ in .advertisement(body) }) { server in
            let error = try await failure("main", in: "\(server.url)/r")
            #expect(error.code == .invalidResponse)
            #expect(error.message.contains("1048576 bytes"))
        }
    }

    @Test func aHostThatIsSilentEndsInTime() async throws {
        var limits = GitClient.Limits()
        limits.time = .milliseconds(200)
        let limited = limits
        try await HTTPStub.run({ _ in
            try await Task.sleep(for: .seconds(60))
            return StubResponse()
        }) { server in
            let error = try await failure("main", in: "\(server.url)/r", try client(limits: limited))
            #expect(error.code == .repositoryUnreachable)
        }
        let silent = HostResolver { _ in
            try? await Task.sleep(for: .seconds(60))
            return []
        }
        let error = try await failure("main", in: "http://x.test/r", try client(limits: limited, resolver: silent))
        #expect(error.code == .repositoryUnreachable)
    }

    @Test func aHostThatIsNotThereIsUnreachable() async throws {
        let error = try await failure("main", in: "http://127.0.0.1:1/r")
        #expect(error.code == .repositoryUnreachable)
        let nobody = HostResolver { _ in [] }
        let other = try await failure("main", in: "http://x.test/r", try client(resolver: nobody))
        #expect(other.code == .repositoryUnreachable)
    }
}

extension GitClient.Limits {
    /// The limits, with time enough for a machine that is busy with other tests.
    fileprivate static var unhurried: Self {
        var limits = Self()
        limits.time = .seconds(60)
        return limits
    }
}
