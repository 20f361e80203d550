public import struct Foundation.Date

/// What runs the builds.
public protocol BuildService: Sendable {
    /// How a build is doing, or `nil` if there is none of that name.
    func observe(_ build: PlannedBuild, of request: DeploymentIdentity) async throws(ClusterFailure)
        -> BuildObservation?

    /// Starts a build. Its name makes a repeat harmless: whatever is repeated, it runs once.
    func start(_ build: PlannedBuild, of request: DeploymentIdentity) async -> BuildStart

    /// Asks for a build to end. A build that has ended or does not exist is not an error.
    func cancel(_ build: PlannedBuild, of request: DeploymentIdentity) async throws(ClusterFailure)

    /// Ensures that a build never runs, even if its creation is under way.
    ///
    /// A build that exists is asked to end; the name of one that does not is taken, so that a creation which arrives
    /// later finds the name taken. If the cluster refuses to create it, no build can be created either: not an error.
    func prevent(_ build: PlannedBuild, of request: DeploymentIdentity) async throws(ClusterFailure)
}

/// How a build was doing when it was read.
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
    /// It exists, created by this call or by an earlier one.
    case started
    /// The cluster refuses it, for a reason that a repeat does not change.
    case refused(reason: String)
    /// Not known: no response, or one that asks to try later.
    case unconfirmed(reason: String)
}
