import Foundation

/// Clones a repository at a reference into a folder that is gone afterwards.
struct GitCloner: Sendable {
    let settings: GitSettings

    /// Fetches and checks out.
    ///
    /// - Throws: `GitFailure`, or `CancellationError` when the task is cancelled; git is dead by then.
    func clone(_ source: GitSource) async throws {
        guard !source.reference.isEmpty, !source.reference.hasPrefix("-") else {
            throw GitFailure("fatal: '\(source.reference)' is not a valid ref name")
        }
        // Git would say so too, but not of every way to write a local path.
        guard settings.transports.contains(source.transport) else {
            throw GitFailure("fatal: transport '\(source.transport)' not allowed")
        }
        try await ScratchDirectory.with(in: settings.temporaryDirectory) { scratch in
            let git = GitCommand(settings: settings, scratch: scratch)
            try await limited(scratch) { try await fetch(source, by: git) }
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
        try await git.runInRepository(["rev-parse", "--quiet", "--verify", "HEAD^{commit}"])
    }

    /// A branch or a tag.
    private func fetchNamed(_ source: GitSource, by git: GitCommand) async throws {
        do {
            try await git.run([
                "clone", "--quiet", "--depth", "1", "--branch", source.reference, "--", source.url, git.repository,
            ])
        } catch let failure as GitFailure where source.isShortCommitName && failure.words.contains("not found") {
            // It was no branch, so it may be the beginning of a commit's name: only the whole history tells.
            do {
                try await fetchEverything(source, by: git)
            } catch is GitFailure {
                throw failure
            }
        }
    }

    /// A commit, which not every server hands out by its name, or a reference by its full name.
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
                    // Nothing tells how large a folder has become: it is looked at now and then.
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
    /// Whether another way to ask for the same commit would fail alike.
    fileprivate var isAboutTheRepository: Bool {
        ["unable to access", "repository '", "unable to connect", "could not read Username", "not allowed"]
            .contains { words.contains($0) }
    }
}
