public import struct Foundation.Date

/// What runs the builds.
public protocol BuildService: Sendable {
    /// How a build is doing, or `nil` if there is none of that name.
    func observe(_ build: PlannedBuild, of request: DeploymentIdentity) async throws(StoreError) -> BuildObservation?

    /// Starts a build. Its name makes a repeat harmless: whatever is repeated, it runs once.
    func start(_ build: PlannedBuild, of request: DeploymentIdentity) async -> BuildStart

    /// Asks for a build to end. One that has ended, or is not there, is no error.
    func cancel(_ build: PlannedBuild, of request: DeploymentIdentity) async throws(StoreError)

    /// Sees to it that a build never runs, though somebody may be about to create it, or its creation be under way.
    ///
    /// One that is there is asked to end; the name of one that is not is taken, so that whatever creation arrives later
    /// finds it taken. Where the cluster creates nothing of the kind, it creates no build either: no error.
    func prevent(_ build: PlannedBuild, of request: DeploymentIdentity) async throws(StoreError)
}

/// Which deployment a build belongs to.
public struct DeploymentIdentity: Sendable, Hashable {
    /// The deployment's id.
    public var id: String
    /// The tool it is of.
    public var tool: ToolName

    /// A deployment of a tool.
    public init(id: String, tool: ToolName) {
        self.id = id
        self.tool = tool
    }
}

/// How a build was doing when it was looked at.
public struct BuildObservation: Sendable, Equatable {
    /// How far it has come.
    public var phase: BuildPhase
    /// What the cluster says of it.
    public var message: String
    /// When it ended, by the cluster's clock; `nil` if it has not, or if the cluster does not say.
    public var endedAt: Date?

    /// A build in a phase.
    public init(phase: BuildPhase, message: String, endedAt: Date? = nil) {
        self.phase = phase
        self.message = message
        self.endedAt = endedAt
    }
}

/// What came of starting a build.
public enum BuildStart: Sendable, Equatable {
    /// It is there, by this call or by one before it.
    case started
    /// The cluster will not have it, for a reason that a repeat does not change.
    case refused(reason: String)
    /// Not known: no answer, or one that asks to try later.
    case unconfirmed(reason: String)
}
