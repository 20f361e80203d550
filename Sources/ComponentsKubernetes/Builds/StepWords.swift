import Components
import JSON

/// What a failed step itself says of its end: its termination message, or the end of its log.
///
/// Only sentences that git, the buildpacks' lifecycle and Harbor are known to write count, and each only in the steps that
/// run these: a build script may print anything.
struct StepWords: Equatable {
    /// The lines that hold something, without colours and control characters.
    let lines: [String]

    /// The words of a step that has ended.
    ///
    /// The entrypoint's own report, a list of entries, is none.
    init(of end: TaskRunObject.Step.End) {
        let isReport = end.message.hasPrefix("[{") || Self.tektonsOwn.contains { end.message.contains($0) }
        self.init(isReport ? "" : end.message)
    }

    /// The words in a text of many lines.
    init(_ text: String) {
        lines = text.split(whereSeparator: \.isNewline).compactMap { String($0).oneLine }
    }

    /// The last line: what is shown where no line tells the cause.
    var lastLine: String? { lines.last }

    /// The cause that the words tell, with the line that tells it; `nil` if none does.
    func cause(ofStep step: String) -> (reason: Reason, line: String)? {
        for (phrases, reason) in Self.table(of: StepKind(step)) {
            for line in lines {
                let text = line.lowercased()
                if phrases.contains(where: { phrase in phrase.split(separator: "*").isContainedInOrder(in: text) }) {
                    return (reason, line)
                }
            }
        }
        return nil
    }

    /// The cause that an exit code alone tells; `nil` if it tells none.
    ///
    /// The lifecycle's codes are those of its platform API: 20 and 21 where nothing was detected, by the detector or by the
    /// creator (whose step may be called `build`: the builder itself has no such code); 100 and 101 of the detector before
    /// version 0.6.
    static func cause(ofStep step: String, exitCode: Int) -> Reason? {
        switch (StepKind(step), exitCode) {
        case (.detector, 20), (.detector, 21), (.creator, 20), (.creator, 21), (.builder, 20), (.builder, 21),
            (.detector, 100), (.detector, 101):
            .buildpackNotDetected
        default: nil
        }
    }

    private static let tektonsOwn = ["terminated as pod "]

    // MARK: The table

    private typealias Row = (phrases: [String], reason: Reason)

    private static func table(of kind: StepKind) -> [Row] {
        switch kind {
        case .git: git
        case .detector: detection
        case .creator: detection + registry
        case .builder: detection
        case .registry: registry
        case .other: []
        }
    }

    /// What git says, in lower case, with `*` for anything.
    ///
    /// The first row that fits counts: the last phrases are in sentences that hold a closer cause as well.
    private static let git: [Row] = [
        (
            [
                "remote branch * not found", "couldn't find remote ref", "could not find remote ref",
                "did not match any file(s) known to git", "reference is not a tree", "not our ref",
                "unadvertised object", "unknown revision", "bad revision",
            ], .refNotFound
        ),
        (
            [
                "repository * not found", "repository * does not exist", "returned error: 404",
                "does not appear to be a git repository", "did you run git update-server-info",
            ], .repositoryNotFound
        ),
        (
            [
                "could not read username", "could not read password", "authentication failed",
                "terminal prompts disabled",
                "permission denied (publickey", "returned error: 401", "returned error: 403",
            ], .repositoryPrivate
        ),
        (
            [
                "could not resolve host", "failed to connect", "couldn't connect to server", "connection refused",
                "connection timed out", "operation timed out", "connection reset", "no route to host",
                "network is unreachable", "certificate", "gnutls_handshake", "hung up unexpectedly", "early eof",
                "returned error: 5", "unable to access",
            ], .repositoryUnreachable
        ),
    ]

    private static let detection: [Row] = [
        (["no buildpack groups passed detection", "no buildpacks participating"], .buildpackNotDetected)
    ]

    private static let registry: [Row] = [
        (["will exceed the configured upper limit", "quota exceeded when processing"], .registryQuotaExceeded),
        (
            [
                "failed to ensure registry read/write access", "requested access to the resource is denied",
                "unauthorized: ", "denied: ", "no basic auth credentials", "project * not found", "name_unknown",
            ], .registryRefused
        ),
    ]
}

/// What a step runs, by its name in Toolforge's pipeline and in the buildpacks' own.
private enum StepKind {
    /// git.
    case git
    /// The lifecycle's detector.
    case detector
    /// The lifecycle's creator, which does everything.
    case creator
    /// The lifecycle's builder, or its creator.
    case builder
    /// The parts of the lifecycle that speak with the registry.
    case registry
    /// Something unknown.
    case other

    init(_ step: String) {
        switch step {
        case "clone", "git-clone", "fetch-repository": self = .git
        case "detect": self = .detector
        case "create": self = .creator
        case "build": self = .builder
        case "analyze", "restore", "export": self = .registry
        default: self = .other
        }
    }
}

extension [Substring] {
    /// Whether the parts stand in the text, one behind the other.
    fileprivate func isContainedInOrder(in text: String) -> Bool {
        var rest = text[...]
        for part in self {
            guard let range = rest.firstRange(of: part) else { return false }
            rest = rest[range.upperBound...]
        }
        return true
    }
}

extension String {
    /// The text as one line for a message: without terminals' colours and characters that cannot be seen, spaces joined; `nil` if
    /// nothing is left.
    var oneLine: String? {
        let plain = replacing(/\u{1B}\[[0-9;?]*[ -\/]*[@-~]/, with: "")
        let words = plain.unicodeScalars
            .split { $0 == " " || $0.isInvisible }
            .map { String(String.UnicodeScalarView($0)) }
        return words.isEmpty ? nil : words.joined(separator: " ")
    }
}
