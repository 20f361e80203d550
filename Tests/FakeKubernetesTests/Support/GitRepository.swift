import Foundation
import Subprocess

@testable import FakeKubernetes

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// A real repository in a folder of its own, made by git.
///
/// Branches `main` and `feature`, the tag `v1`, and a commit that only history reaches.
struct GitRepository: Sendable {
    let directory: URL
    let firstCommit: String

    var url: String { "file://\(directory.path)" }

    /// Lends a repository for the time of some work.
    static func with<Result>(_ work: (GitRepository) async throws -> Result) async throws -> Result {
        try await ScratchDirectory.with(in: FileManager.default.temporaryDirectory) { scratch in
            let directory = scratch.appending(path: "origin")
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            let git = { (arguments: [String]) in try await Self.git(arguments, in: directory) }
            _ = try await git(["init", "--quiet", "--initial-branch", "main"])
            try Data("one".utf8).write(to: directory.appending(path: "file"))
            _ = try await git(["add", "file"])
            _ = try await git(["commit", "--quiet", "--message", "one"])
            let first = try await git(["rev-parse", "HEAD"])
            _ = try await git(["tag", "v1"])
            try Data("two".utf8).write(to: directory.appending(path: "file"))
            _ = try await git(["commit", "--quiet", "--all", "--message", "two"])
            _ = try await git(["branch", "feature"])
            return try await work(GitRepository(directory: directory, firstCommit: first))
        }
    }

    struct Failed: Error {
        let words: String
    }

    @discardableResult
    static func git(_ arguments: [String], in directory: URL) async throws -> String {
        let identity: [String] = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
        let result = try await Subprocess.run(
            .name("git"), arguments: Arguments(identity + arguments), workingDirectory: FilePath(directory.path),
            output: .string(limit: 1_000_000), error: .string(limit: 1_000_000))
        guard result.terminationStatus.isSuccess else { throw Failed(words: result.standardError) }
        return result.standardOutput.split(separator: "\n").last.map(String.init) ?? ""
    }
}
