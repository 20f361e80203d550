/// Looks up which commits refs name.
public protocol CommitResolver: Sendable {
    /// The commit that a source's ref names now.
    ///
    /// It takes a few seconds at most, whatever the repository's host does.
    func resolve(_ source: BuildSource) async -> CommitResolution
}

/// What is built: a ref of a repository.
public struct BuildSource: Sendable, Hashable {
    /// The git repository's URL.
    public var repository: String
    /// A branch, tag or commit; `nil` is the repository's `HEAD`.
    public var ref: String?

    /// A ref of a repository.
    public init(repository: String, ref: String?) {
        self.repository = repository
        self.ref = ref
    }
}

/// What came of looking up a commit.
public enum CommitResolution: Sendable, Equatable {
    /// The commit's id, and what the author of the config should know: sentences without their full stop.
    case commit(String, warnings: [String] = [])
    /// There is nothing to build.
    case missing(BuildFailure)
    /// It could not be found out, for that reason (a sentence without its full stop): the builder has to look itself.
    case unknown(String)
}

/// Why a build does not begin, whatever the cluster does.
public struct BuildFailure: Sendable, Hashable {
    /// Why, for programs.
    public var reason: Reason
    /// Why, and what to do: a sentence.
    public var message: String

    /// A failure.
    public init(_ reason: Reason, message: String) {
        self.reason = reason
        self.message = message
    }
}

extension CommitResolver {
    /// Looks up all of them at the same time, each once.
    func resolve(_ sources: Set<BuildSource>) async -> [BuildSource: CommitResolution] {
        await withTaskGroup { group in
            for source in sources {
                group.addTask { (source, await resolve(source)) }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }
}
