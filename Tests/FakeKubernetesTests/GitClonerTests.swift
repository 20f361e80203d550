import Foundation
import Testing

@testable import FakeKubernetes

@Suite("Cloning")
struct GitClonerTests {
    /// What git may do in tests: repositories in local folders.
    static let settings = GitSettings(transports: ["file"])

    static func words(
        _ url: String, _ reference: String, settings: GitSettings = settings
    ) async throws -> String? {
        do {
            try await GitCloner(settings: settings).clone(GitSource(url: url, reference: reference))
            return nil
        } catch let failure as GitFailure {
            return failure.words
        }
    }

    @Test func clonesBranchesTagsCommitsAndHEAD() async throws {
        try await GitRepository.with { (repository) async throws in
            let references = [
                "main", "feature", "v1", "HEAD", "refs/heads/feature", "refs/tags/v1", repository.firstCommit,
                String(repository.firstCommit.prefix(10)),
            ]
            for reference in references {
                #expect(try await Self.words(repository.url, reference) == nil, "\(reference)")
            }
        }
    }

    @Test func fetchesEverythingWhereACommitIsNotHandedOut() async throws {
        try await GitRepository.with { (repository) async throws in
            try await GitRepository.git(
                ["config", "uploadpack.allowAnySHA1InWant", "false"], in: repository.directory)
            #expect(try await Self.words(repository.url, repository.firstCommit) == nil)
        }
    }

    @Test func failsInTheWordsOfGit() async throws {
        try await GitRepository.with { (repository) async throws in
            #expect(
                try await Self.words(repository.url, "nope")
                    == "fatal: Remote branch nope not found in upstream origin")
            #expect(
                try await Self.words(repository.url, "deadbeef")
                    == "fatal: Remote branch deadbeef not found in upstream origin")
            #expect(
                try await Self.words(repository.url, "refs/heads/nope")
                    == "fatal: couldn't find remote ref refs/heads/nope")
            let unknown = String(repeating: "12", count: 20)
            #expect(try await Self.words(repository.url, unknown)?.contains(unknown) == true)
            let missing = "\(repository.url)-missing"
            #expect(try await Self.words(missing, "main")?.contains("does not appear to be a git repository") == true)
        }
    }

    @Test(arguments: ["", "-main", "--upload-pack=touch /tmp/x", "-c"])
    func refusesReferencesThatCouldBeOptions(reference: String) async throws {
        #expect(
            try await Self.words("file:///nowhere", reference) == "fatal: '\(reference)' is not a valid ref name")
    }

    @Test(arguments: [
        ("file:///etc", "file"), ("/etc", "file"), ("../x", "file"), ("ssh://host/x", "ssh"), ("host:path", "ssh"),
        ("user@host:path", "ssh"), ("ext::sh -c true", "ext"), ("ftp://host/x", "ftp"), ("--upload-pack=x", "file"),
        ("fd::3", "fd"), ("HTTP://x", "HTTP"), ("", "file"),
    ])
    func refusesTransports(url: String, transport: String) async throws {
        #expect(
            try await Self.words(url, "main", settings: GitSettings()) == "fatal: transport '\(transport)' not allowed")
    }

    @Test func leavesNothingBehind() async throws {
        try await GitRepository.with { (repository) async throws in
            let parent = repository.directory.appending(path: "scratch")
            try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: false)
            let left = { try FileManager.default.contentsOfDirectory(atPath: parent.path) }
            var settings = GitSettings(transports: ["file", "git"], temporaryDirectory: parent)
            #expect(try await Self.words(repository.url, "main", settings: settings) == nil)
            #expect(try left().isEmpty)
            #expect(try await Self.words(repository.url, "nope", settings: settings) != nil)
            #expect(try left().isEmpty)

            let listener = try SilentListener()
            let clone = Task { [settings] in
                try await GitCloner(settings: settings)
                    .clone(GitSource(url: "git://127.0.0.1:\(listener.port)/x", reference: "main"))
            }
            try await listener.accept()
            #expect(try left().count == 1)
            clone.cancel()
            _ = await clone.result
            #expect(try left().isEmpty)

            settings.maximumBytes = 1
            #expect(try await Self.words(repository.url, "main", settings: settings) != nil)
            #expect(try left().isEmpty)
        }
    }

    @Test func refusesWhatIsTooLarge() async throws {
        try await GitRepository.with { (repository) async throws in
            var settings = Self.settings
            settings.maximumBytes = 1000
            #expect(
                try await Self.words(repository.url, "main", settings: settings)
                    == "fatal: the repository is larger than 1000 bytes")
        }
    }

    @Test func stopsAtTheDeadlineAndKillsGit() async throws {
        // A server that accepts and never says a word.
        let listener = try SilentListener()
        var settings = GitSettings()
        settings.deadline = .seconds(1)
        #expect(
            try await Self.words("git://127.0.0.1:\(listener.port)/x", "main", settings: settings)
                == "fatal: git took longer than 1 seconds")
        #expect(try await listener.waitUntilPeerIsGone())
    }

    @Test func isKilledByACancellation() async throws {
        let listener = try SilentListener()
        let clone = Task {
            try await GitCloner(settings: GitSettings())
                .clone(GitSource(url: "git://127.0.0.1:\(listener.port)/x", reference: "main"))
        }
        try await listener.accept()
        clone.cancel()
        await #expect(throws: CancellationError.self) { try await clone.value }
        #expect(try await listener.waitUntilPeerIsGone())
    }

    @Test func keepsOneLineOfAtMost1024Bytes() {
        #expect(GitFailure("a\u{1B}[31m\r\nb\u{0}").words == "a [31m  b ")
        #expect(GitFailure(String(repeating: "é", count: 1000)).words.utf8.count == 1024)
        #expect(
            GitFailure(output: "remote: hm\nfatal: one\nwarning: x\nfatal: two\n", status: "").words
                == "fatal: one fatal: two")
        #expect(GitFailure(output: "error: x\nhint: y\n", status: "").words == "hint: y")
        #expect(GitFailure(output: "", status: "exited(1)").words == "fatal: git failed without a message: exited(1)")
    }
}
