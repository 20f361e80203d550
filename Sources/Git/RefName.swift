/// A ref as the author of a config wrote it, and which of a repository's refs it names.
struct RefName {
    /// As it was written.
    let text: String

    /// The whole names that it may stand for, in git's order (gitrevisions(7)).
    ///
    /// Of the refs that exist the first one is meant. A branch `a/main` is never taken for `main`.
    var candidates: [String] {
        text == "HEAD" ? ["HEAD"] : ["", "refs/", "refs/tags/", "refs/heads/", "refs/remotes/"].map { $0 + text }
    }

    /// The commit that it names.
    ///
    /// - Throws: `GitError` of the code `refNotFound`.
    func resolve(in refs: [AdvertisedRef]) throws(GitError) -> ResolvedRef {
        let found = candidates.compactMap { name in refs.first { $0.name.utf8.elementsEqual(name.utf8) } }
        guard let first = found.first else { throw notFound(in: refs) }
        let names = found.map(\.name)
        let warnings =
            names.contains("refs/tags/\(text)") && names.contains("refs/heads/\(text)")
            ? ["\(text) names a tag and a branch; the tag is taken: write refs/heads/\(text) for the branch"] : []
        return ResolvedRef(commit: first.commit, name: first.target ?? first.name, warnings: warnings)
    }

    private func notFound(in refs: [AdvertisedRef]) -> GitError {
        if text == "HEAD" {
            return GitError(
                .refNotFound, "the repository's HEAD names no commit: push a first commit, or name a branch under ref")
        }
        if ObjectID.isShort(text) {
            return GitError(
                .refNotFound,
                "there is no branch or tag \(text); if it is the beginning of a commit's id, write all its digits")
        }
        return GitError(.refNotFound, "the repository has no branch or tag \(text)")
    }
}

/// The commit that a ref names.
public struct ResolvedRef: Sendable, Equatable {
    /// The commit's id: 40 hexadecimal digits, or 64.
    public var commit: String
    /// The whole name of the ref, as `refs/heads/main`; for `HEAD` the branch that it names, if the server says so; `nil`
    /// for a commit.
    public var name: String?
    /// What the author should know: sentences without their full stop.
    public var warnings: [String]

    /// A resolved ref.
    public init(commit: String, name: String?, warnings: [String] = []) {
        self.commit = commit
        self.name = name
        self.warnings = warnings
    }
}
