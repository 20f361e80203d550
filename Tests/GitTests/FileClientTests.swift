import Logging
import Testing

@testable import Git

/// A file at a URL that a stranger wrote.
struct FileClientTests {
    private static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func client(
        time: Duration = .seconds(60), resolver: HostResolver = .system, allowed: String? = "127.0.0.0/8"
    ) throws -> FileClient {
        var limits = FileClient.Limits()
        limits.time = time
        let ranges = try allowed.map { [try #require(AddressRange($0))] } ?? []
        return FileClient(
            rule: AddressRule(allowing: ranges), limits: limits, resolver: resolver, logger: Self.silent)
    }

    private func failure(_ url: String, _ other: FileClient? = nil) async throws -> GitError {
        let client = try other ?? client()
        return try await #require(throws: GitError.self) { try await client.fetch(url) }
    }

    @Test func fetchesTheBytesAndSendsNothingElse() async throws {
        let body = Array("components: {}\n".utf8)
        try await HTTPStub.run({ _ in StubResponse(headers: [("Content-Type", "text/plain")], body: body) }) { server in
            #expect(try await client().fetch("\(server.url)/a/b.yaml?raw=1") == body)
            let request = try #require(server.requests.first)
            #expect(request.method == "GET")
            #expect(request.target == "/a/b.yaml?raw=1")
            #expect(request["Authorization"] == nil && request["Cookie"] == nil)
        }
    }

    @Test(
        arguments: [
            ("http://10.0.0.1/c.yaml", .addressRefused), ("http://127.0.0.1:1/c.yaml", .addressRefused),
            ("http://[::ffff:127.0.0.1]:1/c.yaml", .addressRefused), ("http://169.254.169.254/c", .addressRefused),
            ("git://example.org/c.yaml", .unsupportedScheme), ("file:///etc/passwd", .unsupportedScheme),
            ("http://user@127.0.0.1/c", .unsupportedScheme),
        ] as [(String, GitError.Code)])
    func whatIsNotPublicIsNotCalled(_ url: String, _ code: GitError.Code) async throws {
        let error = try await failure(url, client(allowed: nil))
        #expect(error.code == code)
    }

    @Test func everyAddressOfANameIsCheckedAndTheConnectionGoesThere() async throws {
        try await HTTPStub.run({ _ in StubResponse(body: [0x7B, 0x7D]) }) { server in
            let mixed = HostResolver { _ in ["127.0.0.1", "10.0.0.1"].compactMap(IPAddress.init) }
            let error = try await failure("http://x.test:\(server.port)/c", client(resolver: mixed))
            #expect(error.code == .addressRefused)
            #expect(server.requests.isEmpty)
            let one = HostResolver { _ in ["127.0.0.1"].compactMap(IPAddress.init) }
            _ = try await client(resolver: one).fetch("http://x.test:\(server.port)/c")
            #expect(server.requests.first?["Host"] == "x.test:\(server.port)")
        }
    }

    @Test(
        arguments: [
            (401, .fileNotFound), (403, .fileNotFound), (404, .fileNotFound), (410, .fileNotFound),
            (204, .repositoryUnreachable), (429, .repositoryUnreachable), (500, .repositoryUnreachable),
        ] as [(Int, GitError.Code)])
    func statusesHaveTheirCode(_ status: Int, _ code: GitError.Code) async throws {
        try await HTTPStub.run({ _ in StubResponse(status: status) }) { server in
            let error = try await failure("\(server.url)/c")
            #expect(error.code == code)
        }
    }

    @Test func whatIsNoWholeFileIsRefused() async throws {
        try await HTTPStub.run({ request in
            switch request.target {
            case "/page": StubResponse(headers: [("Content-Type", "text/html; charset=utf-8")], body: [0x3C])
            case "/long": StubResponse(body: Array(repeating: 0x61, count: (256 << 10) + 1))
            case "/unbounded": StubResponse(body: [0x61], endsWithConnection: true)
            case "/longest": StubResponse(body: Array(repeating: 0x61, count: 256 << 10))
            default: StubResponse()
            }
        }) { server in
            for (path, words) in [
                ("page", "raw"), ("long", "262144 bytes"), ("empty", "empty"), ("unbounded", "how long"),
            ] {
                let error = try await failure("\(server.url)/\(path)")
                #expect(error.code == .invalidResponse)
                #expect(error.message.contains(words))
            }
            #expect(try await client().fetch("\(server.url)/longest").count == 262_144)
        }
    }

    @Test func followsTwoRedirectsOfOneHost() async throws {
        try await HTTPStub.run({ request in
            switch request.target {
            case "/a": StubResponse(status: 301, headers: [("Location", "/b")])
            case "/b": StubResponse(status: 302, headers: [("Location", "c.yaml")])
            case "/x": StubResponse(status: 302, headers: [("Location", "/a")])
            case "/out": StubResponse(status: 302, headers: [("Location", "http://127.0.0.2/c.yaml")])
            case "/none": StubResponse(status: 302)
            default: StubResponse(body: [0x61])
            }
        }) { server in
            #expect(try await client().fetch("\(server.url)/a") == [0x61])
            for path in ["x", "out", "none"] {
                let error = try await failure("\(server.url)/\(path)")
                #expect(error.code == .redirected, "\(path)")
            }
            #expect(!server.requests.contains { $0["Host"]?.hasPrefix("127.0.0.2") == true })
        }
    }

    @Test func aHostThatIsSilentEndsInTime() async throws {
        try await HTTPStub.run({ _ in
            try await Task.sleep(for: .seconds(60))
            return StubResponse()
        }) { server in
            let error = try await failure("\(server.url)/c", client(time: .milliseconds(200)))
            #expect(error.code == .repositoryUnreachable)
        }
    }
}
