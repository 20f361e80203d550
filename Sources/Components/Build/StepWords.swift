import JSON

/// What a failed step itself says of its end: its termination message, or the end of its log.
///
/// Only sentences that git, the buildpacks' lifecycle, Harbor, and the tools that buildpacks run are known to write count,
/// and each only in the steps that run these: a build script may print anything. Where none fits there is no cause.
public struct StepWords: Equatable {
    /// The lines that hold something, without colours and control characters.
    public let lines: [String]

    /// The words in a text of many lines.
    public init(_ text: String) { self.init(lines: text.split(whereSeparator: \.isNewline).map { String($0) }) }

    /// The words in lines.
    public init(lines: [String]) { self.lines = lines.compactMap(\.oneLine) }

    /// The last line: what is shown where no line tells the cause.
    public var lastLine: String? { lines.last }

    /// The cause that the words tell, with the line that tells it; `nil` if none does.
    ///
    /// - Parameter step: which step wrote them, by its name in the pipeline.
    public func cause(ofStep step: String) -> (reason: Reason, line: String)? {
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
    public static func cause(ofStep step: String, exitCode: Int) -> Reason? {
        switch (StepKind(step), exitCode) {
        case (.detector, 20), (.detector, 21), (.creator, 20), (.creator, 21), (.builder, 20), (.builder, 21),
            (.detector, 100), (.detector, 101):
            .buildpackNotDetected
        default: nil
        }
    }

    // MARK: The table

    private typealias Row = (phrases: [String], reason: Reason)

    private static func table(of kind: StepKind) -> [Row] {
        switch kind {
        case .git: git
        case .detector: detection
        case .creator: detection + registry + memory
        case .builder: detection + memory
        case .registry: registry + registryCodes
        case .other: []
        }
    }

    /// What git says, in lower case, with `*` for anything.
    ///
    /// The first row that fits counts: the last phrases are in sentences that hold a closer cause as well.
    private static let git: [Row] = [
        // git: builtin/clone.c, builtin/fetch.c, remote.c, pathspec.c, upload-pack.c, revision.c.
        (
            [
                "remote branch * not found", "couldn't find remote ref", "could not find remote ref",
                "did not match any file(s) known to git", "reference is not a tree", "not our ref",
                "unadvertised object", "unknown revision", "bad revision",
            ], .refNotFound
        ),
        // git: remote-curl.c, connect.c, http.c; "remote: Repository not found." is GitHub's and GitLab's own.
        (
            [
                "repository * not found", "repository not found", "repository * does not exist",
                "returned error: 404", "does not appear to be a git repository", "did you run git update-server-info",
            ], .repositoryNotFound
        ),
        // git: credential.c, http.c, remote-curl.c; ssh's refusal.
        (
            [
                "could not read username", "could not read password", "authentication failed",
                "terminal prompts disabled",
                "permission denied (publickey", "returned error: 401", "returned error: 403",
            ], .repositoryPrivate
        ),
        // curl: lib/strerror.c and lib/connect.c, behind git's "unable to access"; git: pkt-line.c, connect.c.
        (
            [
                "could not resolve host", "failed to connect", "couldn't connect to server", "connection refused",
                "connection timed out", "operation timed out", "connection reset", "no route to host",
                "network is unreachable", "certificate", "gnutls_handshake", "hung up unexpectedly", "early eof",
                "returned error: 5", "unable to access",
            ], .repositoryUnreachable
        ),
        // git: wrapper.c.
        (["out of memory, malloc failed"], .outOfMemory),
    ]

    /// The lifecycle: cmd/lifecycle/detector.go, phase/detector.go.
    private static let detection: [Row] = [
        (["no buildpack groups passed detection", "no buildpacks participating"], .buildpackNotDetected)
    ]

    private static let registry: [Row] = [
        // Harbor: src/pkg/quota/errors.go since 1.10, and its issue 8802 for the wording before.
        (["will exceed the configured upper limit", "quota exceeded when processing"], .registryQuotaExceeded),
        (
            [
                // The lifecycle: cmd/lifecycle, the check before anything is built.
                "ensure registry read/write access",
                // Sentences of Harbor and of the container libraries.
                "requested access to the resource is denied", "no basic auth credentials", "project * not found",
                // go-containerregistry: a response that is no error of that specification.
                "unexpected status code 5",
                // Go's net package: the registry cannot be reached.
                "dial tcp* connection refused", "dial tcp* i/o timeout", "dial tcp* no such host",
            ], .registryRefused
        ),
    ]

    /// The codes of the distribution specification, as go-containerregistry's transport/error.go writes them: where a step also
    /// runs what the tool brings, these words say nothing (`Permission denied: …`).
    private static let registryCodes: [Row] = [(["unauthorized: ", "denied: ", "name_unknown"], .registryRefused)]

    /// What tools say that ran out of memory while the container went on: the kernel ended a process of the build, or the tool gave up.
    private static let memory: [Row] = [
        (
            [
                // V8, which is in Node.js: src/api/api.cc.
                "fatal error: * javascript heap out of memory",
                // gcc's driver, gcc.cc: the kernel killed the compiler.
                "fatal error: killed signal terminated program",
                // Rust's ExitStatus, as cargo shows it.
                "process didn't exit successfully: * (signal: 9, sigkill: kill)",
                // The go command about its own tools (os/exec).
                "/compile: signal: killed", "/link: signal: killed",
                // The JVM, and the C library's word for ENOMEM.
                "java.lang.outofmemoryerror", "cannot allocate memory",
            ], .outOfMemory
        )
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
    public var oneLine: String? {
        // A regular expression is compiled each time: it is left to what may match.
        let plain = utf8.contains(0x1B) ? replacing(/\u{1B}\[[0-9;?]*[ -\/]*[@-~]/, with: "") : self
        let words = plain.unicodeScalars
            .split { $0 == " " || $0.isInvisible }
            .map { String(String.UnicodeScalarView($0)) }
        return words.isEmpty ? nil : words.joined(separator: " ")
    }
}
