public import struct Foundation.Date

/// What the steps of builds write.
public protocol BuildLogs: Sendable {
    /// Looks where a build stands, and opens its log.
    ///
    /// - Parameter wait: tells when a build that has not begun may have; `nil` if nobody waits for that.
    /// - Throws: `ClusterFailure` if the cluster does not say where it stands. A build that waits, or is gone, is no failure:
    ///   the log says so.
    func open(
        _ build: PlannedBuild, of deployment: DeploymentIdentity, _ query: BuildLogQuery, wait: (any BuildLogWait)?
    ) async throws(ClusterFailure) -> BuildLog
}

/// Waits for a build to begin, without asking the cluster by itself.
public protocol BuildLogWait: Sendable {
    /// What comes next; `nil` if the task is cancelled, and after `end()`.
    func next() async -> BuildLogSign?

    /// Nobody waits any more.
    func end()
}

/// What whoever waits for a build to begin is told.
public enum BuildLogSign: Sendable, Equatable {
    /// The build was seen to run, or to have ended: look at it.
    case begun
    /// It never begins; what the reader of its log is told.
    case never(BuildLogNote)
    /// Nothing has happened for `BuildLogEvent.pauseLength`.
    case quiet
}

/// Which part of a build's log is read.
public struct BuildLogQuery: Sendable, Equatable {
    /// Whether to go on until the build ends, and to wait for one that has not begun.
    public var follow: Bool
    /// Only so many lines from the end of each step, of those that are there; 0 or more.
    public var tailLines: Int?
    /// Only what was written since then, to the second.
    public var since: Date?
    /// What nobody may read.
    public var secrets: SecretValues
    /// Whether the build is known to have been created: what is not there is gone then, and still to come otherwise.
    public var isCreated = true

    /// The whole log so far, unless said otherwise.
    public init(
        follow: Bool = false, tailLines: Int? = nil, since: Date? = nil, secrets: SecretValues = SecretValues()
    ) {
        self.follow = follow
        self.tailLines = tailLines
        self.since = since
        self.secrets = secrets
    }
}

/// The log of a build, step after step, in the order in which they run.
public struct BuildLog: Sendable {
    /// What is done with each event; the log is read no faster than it returns.
    public typealias Reader = (BuildLogEvent) async throws -> Void

    private let read: @Sendable (Reader) async throws -> Void

    /// A log that `read` reads to its end.
    public init(_ read: @escaping @Sendable (_ reader: Reader) async throws -> Void) { self.read = read }

    /// Reads it, to its end or to the cancellation of the task.
    ///
    /// Where the cluster's words are needed to go on, and it does not give them, it says so by a note and ends.
    /// - Throws: whatever `body` throws.
    public func forEach(_ body: Reader) async throws { try await read(body) }
}

/// Something of a build's log.
public enum BuildLogEvent: Sendable, Equatable {
    /// Lines of one step.
    case lines(step: String, [BuildLogLine])
    /// Nothing has happened for `pauseLength`; the log goes on.
    case pause
    /// Something that a reader should know, and that the build did not write.
    case note(BuildLogNote)

    /// How long nothing happens between two signs of life.
    public static let pauseLength = Duration.seconds(15)
}

/// A line of a build's log.
public struct BuildLogLine: Sendable, Equatable {
    /// When it was written, as the cluster says it (RFC 3339); empty if it does not.
    public var time: ArraySlice<UInt8>
    /// What it says: UTF-8, without a line end and without secrets.
    public var text: ArraySlice<UInt8>
    /// Whether it was longer than `BuildLogReader.longestLine`, and is cut.
    public var isCut: Bool

    /// A line.
    public init(time: ArraySlice<UInt8> = [], text: ArraySlice<UInt8>, isCut: Bool = false) {
        self.time = time
        self.text = text
        self.isCut = isCut
    }
}

/// Something that a reader of a log should know.
public enum BuildLogNote: Sendable, Equatable {
    /// The component has no build of its own: it is the log of that component's build.
    case isBuild(of: String)
    /// Nothing had changed, so an earlier build was taken: it is the log of that component's build in that deployment.
    case isEarlierBuild(of: String, in: String)
    /// The build was never started; why, as it was noted.
    case neverStarted(String)
    /// The build waits; for what, in the cluster's words, which may be none.
    case waiting(String)
    /// All steps have ended, and all of their log was read. If one failed: its name and exit code.
    case complete(failed: FailedStep?)
    /// It is the log so far: the build goes on.
    case goesOn
    /// The build has ended, and no step of it ever began.
    case nothingWritten
    /// The log is gone from the cluster. `isKept`: the lines before this are those that were kept of it.
    case gone(isKept: Bool)
    /// The cluster cannot reach the node on which the build runs.
    case nodeUnreachable
    /// The log has ended although the build goes on: lines may be missing.
    case incomplete
    /// The cluster could not be asked any more; why, in a sentence.
    case clusterFailed(String)
    /// This service stops; the log goes on elsewhere.
    case serviceStops
}

/// The step because of which a build failed.
public struct FailedStep: Sendable, Equatable {
    /// Its name.
    public var name: String
    /// With which code it ended.
    public var exitCode: Int

    /// A step that failed.
    public init(name: String, exitCode: Int) {
        self.name = name
        self.exitCode = exitCode
    }
}
