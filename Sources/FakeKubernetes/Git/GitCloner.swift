import Foundation

/// Clones a repository at a reference into a folder that is gone afterwards.
struct GitCloner: Sendable {
    let settings: GitSettings

    /// Fetches and checks out.
    ///
    /// - Returns: The name of the commit.
    /// - Throws: `GitFailure`, or `CancellationError` when the task is cancelled; git is dead by then.
    @discardableResult
    func clone(_ source: GitSource) async throws -> String {
        guard !source.reference.isEmpty, !source.reference.hasPrefix("-") else {
            throw GitFailure("fatal: '\(source.reference)' is not a valid ref name")
        }
        // Git refuses these too, but not every way to write a local path.
        guard settings.transports.contains(source.transport) else {
            throw GitFailure("fatal: transport '\(source.transport)' not allowed")
        }
        return try await ScratchDirectory.with(in: settings.temporaryDirectory) { scratch in
            let git = GitCommand(settings: settings, scratch: scratch)
            try await limited(scratch) { try await fetch(source, by: git) }
            return try await git.runInRepository(["rev-parse", "--quiet", "--verify", "HEAD^{commit}"])
                .trimmingCharacters(in: .whitespacesAndNewlines)
        }
    }

    private func fetch(_ source: GitSource, by git: GitCommand) async throws {
        if source.reference == "HEAD" {
            try await git.run(["clone", "--quiet", "--depth", "1", "--", source.url, git.repository])
        } else if source.isCommitName || source.reference.hasPrefix("refs/") {
            try await fetchExactly(source, by: git)
        } else {
            try await fetchNamed(source, by: git)
        }
    }

    /// A branch or a tag.
    private func fetchNamed(_ source: GitSource, by git: GitCommand) async throws {
        do {
            try await git.run([
                "clone", "--quiet", "--depth", "1", "--branch", source.reference, "--", source.url, git.repository,
            ])
        } catch let failure as GitFailure where source.isShortCommitName && failure.words.contains("not found") {
            // It is not a branch, so it may be the beginning of a commit's name: that takes the whole history.
            do {
                try await fetchEverything(source, by: git)
            } catch is GitFailure {
                throw failure
            }
        }
    }

    /// A commit, which not every server serves by its name, or a reference by its full name.
    private func fetchExactly(_ source: GitSource, by git: GitCommand) async throws {
        try await git.run(["init", "--quiet", "--", git.repository])
        do {
            try await git.runInRepository([
                "fetch", "--quiet", "--no-tags", "--depth", "1", "--", source.url, source.reference,
            ])
            try await git.runInRepository(["checkout", "--quiet", "--detach", "FETCH_HEAD", "--"])
        } catch let failure as GitFailure where source.isCommitName && !failure.isAboutTheRepository {
            try await fetchEverything(source, by: git)
        }
    }

    private func fetchEverything(_ source: GitSource, by git: GitCommand) async throws {
        try await git.run(["init", "--quiet", "--", git.repository])
        try await git.runInRepository(["fetch", "--quiet", "--", source.url, "+refs/*:refs/remotes/origin/*"])
        try await git.runInRepository(["checkout", "--quiet", "--detach", source.reference, "--"])
    }

    /// Runs until the deadline, and as long as the folder is not too large.
    private func limited(_ scratch: URL, _ work: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await work() }
            group.addTask {
                // The deadline itself: it ends with the work if that is sooner.
                try await Task.sleep(for: settings.deadline)
                throw GitFailure("fatal: git took longer than \(settings.deadline.components.seconds) seconds")
            }
            group.addTask {
                while true {
                    // There is no notification of a folder's size: it is measured from time to time.
                    try await Task.sleep(for: .milliseconds(100))
                    guard ScratchDirectory.size(of: scratch) <= settings.maximumBytes else { throw tooLarge }
                }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
        guard ScratchDirectory.size(of: scratch) <= settings.maximumBytes else { throw tooLarge }
    }

    private var tooLarge: GitFailure {
        GitFailure("fatal: the repository is larger than \(settings.maximumBytes) bytes")
    }
}

extension GitFailure {
    /// Whether another way to fetch the same commit would fail as well.
    fileprivate var isAboutTheRepository: Bool {
        ["unable to access", "repository '", "unable to connect", "could not read Username", "not allowed"]
            .contains { words.contains($0) }
    }
}

/// The repository and the reference to clone, as a user wrote them: untrusted.
struct GitSource: Sendable, Equatable {
    let url: String
    /// A branch, a tag, `HEAD`, a full name such as `refs/tags/v1`, or a commit's name, full or at least 7 digits of it.
    let reference: String

    /// The part of the URL before `://`, or the transport that git would take it for.
    var transport: String {
        if let end = url.range(of: "://") { return String(url[..<end.lowerBound]) }
        if let end = url.range(of: "::") { return String(url[..<end.lowerBound]) }
        let beforeColon = url.prefix { $0 != ":" }
        return beforeColon.count < url.count && !beforeColon.contains("/") ? "ssh" : "file"
    }

    /// Whether the reference can be the whole name of a commit.
    var isCommitName: Bool { isHexadecimal && [40, 64].contains(reference.utf8.count) }

    /// Whether the reference can be the beginning of a commit's name.
    var isShortCommitName: Bool { isHexadecimal && (7..<40).contains(reference.utf8.count) }

    private var isHexadecimal: Bool { reference.utf8.allSatisfy { Unicode.Scalar($0).properties.isASCIIHexDigit } }
}
