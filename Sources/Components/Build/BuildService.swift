public import struct Foundation.Date

/// What runs the builds.
public protocol BuildService: Sendable {
    /// How a build is doing, or `nil` if there is none of that name.
    func observe(_ build: PlannedBuild, of request: DeploymentIdentity) async throws(ClusterFailure)
        -> BuildObservation?

    /// What else the cluster knows of a build: of one that has ended why it failed, or what came of it; of one that runs
    /// whether its steps have begun, and what they wait for if they have not.
    ///
    /// It is asked once when the end was seen, and seldom before. What cannot be read is left as it was observed.
    func explain(_ observation: BuildObservation, of build: PlannedBuild, in deployment: DeploymentIdentity) async
        -> BuildObservation

    /// The end of the log of a build that ended badly, or is about to be ended: its log may be gone soon.
    ///
    /// It never takes long: what cannot be read is not kept.
    /// - Parameters:
    ///   - observation: how the build ended; `nil` if it has not.
    ///   - limit: how many bytes are kept.
    ///   - secrets: what is not kept.
    /// - Returns: `nil` if there is no log, or it cannot be read.
    func logTail(
        of build: PlannedBuild, in deployment: DeploymentIdentity, ended observation: BuildObservation?, limit: Int,
        hiding secrets: SecretValues
    ) async -> BuildLogTail?

    /// The image of the buildpacks that would build with these options now.
    func builder(for options: BuildOptions) -> String

    /// Starts a build. Its name makes a repeat harmless: whatever is repeated, it runs once.
    func start(_ build: PlannedBuild, of request: DeploymentIdentity) async -> BuildStart

    /// Asks for a build to end. A build that has ended is not an error.
    /// - Returns: how it is doing since; `nil` if it does not exist, which is not an error either.
    @discardableResult
    func cancel(_ build: PlannedBuild, of request: DeploymentIdentity) async throws(ClusterFailure)
        -> BuildObservation?

    /// Ensures that a build never runs, even if its creation is under way.
    ///
    /// A build that exists is asked to end; the name of one that does not is taken, so that a creation which arrives
    /// later finds the name taken. If the cluster refuses to create it, no build can be created either: not an error.
    /// - Returns: how the build is doing that existed; `nil` if there was none.
    @discardableResult
    func prevent(_ build: PlannedBuild, of request: DeploymentIdentity) async throws(ClusterFailure)
        -> BuildObservation?
}

/// How a build was doing when it was read.
public struct BuildObservation: Sendable, Equatable {
    /// How far it has come.
    public var phase: BuildPhase
    /// Why it ended without success or cannot begin, where the cluster says so; `nil` where it is told from the phase.
    public var reason: Reason?
    /// What the cluster says of it.
    public var message: String
    /// When the cluster began with it, by its clock; `nil` if it has not, or does not say.
    public var startedAt: Date?
    /// When it ended, by the cluster's clock; `nil` if it has not, or if the cluster does not say.
    public var endedAt: Date?
    /// Whether it was asked to end.
    public var isEnding: Bool
    /// Whether its steps are known to have begun; a build can run long before, if its node has no room.
    public var hasBegun: Bool
    /// The commit that was built, if the cluster says so.
    public var commit: String?
    /// The image that was built, with its digest.
    public var image: String?
    /// The image of the buildpacks that built it, if it has ended.
    public var builder: String?
    /// Where the cluster says more of it: the name of the object that runs its steps; `nil` if there is none.
    public var taskRun: String?
    /// The end of its log, if it was read.
    public var logTail: BuildLogTail?

    /// A build in a phase.
    public init(
        phase: BuildPhase, reason: Reason? = nil, message: String, startedAt: Date? = nil, endedAt: Date? = nil,
        isEnding: Bool = false, hasBegun: Bool = false, commit: String? = nil, image: String? = nil,
        builder: String? = nil, taskRun: String? = nil
    ) {
        self.phase = phase
        self.reason = reason
        self.message = message
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.isEnding = isEnding
        self.hasBegun = hasBegun
        self.commit = commit
        self.image = image
        self.builder = builder
        self.taskRun = taskRun
    }
}

/// What came of starting a build.
public enum BuildStart: Sendable, Equatable {
    /// It exists, created by this call or by an earlier one.
    case started
    /// The cluster's rules refuse what was asked for: a repeat does not change that.
    case refused(reason: String)
    /// The cluster cannot take it now, whatever was asked for: an admin has to mend it, or other builds have to end.
    case deferred(Reason, message: String)
    /// Not known: no response, or one that asks to try later.
    case unconfirmed(reason: String)
}
