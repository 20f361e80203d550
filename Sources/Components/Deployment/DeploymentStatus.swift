public import struct Foundation.Date

/// How far a deployment has come, by component.
public struct DeploymentStatus: Sendable, Equatable {
    /// What is noted of each build; one that is missing here has not been noted at all.
    public var builds: [String: BuildStatus]
    /// Why it ends before its builds do by themselves, once that is decided.
    public var stop: DeploymentStop?

    /// A status of these notes.
    public init(builds: [String: BuildStatus] = [:], stop: DeploymentStop? = nil) {
        self.builds = builds
        self.stop = stop
    }

    /// What is noted of a build.
    subscript(build: PlannedBuild) -> BuildStatus { builds[build.component] ?? .unconfirmed }

    /// The phase that follows from all builds of a request, and from a decision to stop.
    public func phase(of request: DeploymentRequest) -> DeploymentPhase {
        DeploymentPhase(of: request.builds.map { self[$0].phase }, stop: stop?.reason)
    }

    /// Why the deployment stands as it does: the decision to stop it, else what holds up or ended its builds; `nil` if all
    /// goes well.
    public func reason(of request: DeploymentRequest) -> Reason? {
        let phase = phase(of: request)
        if phase == .cancelling { return .cancelling }
        if let stop { return stop.reason }
        // The first in the order of the components' names: the same each time.
        let builds = request.builds.map { self[$0] }
        switch phase {
        case .pending, .running: return builds.first { !$0.phase.isTerminal && $0.reason != nil }?.reason
        case .failed: return builds.first { $0.phase.isTerminal && $0.phase != .succeeded }?.reason
        case .succeeded, .cancelling, .cancelled, .timedOut: return nil
        }
    }
}

/// The decision that a deployment ends before its builds do by themselves.
///
/// Once stored it stays.
public struct DeploymentStop: Sendable, Equatable {
    /// `cancelled`, `superseded` or `deploymentTimedOut`.
    public var reason: Reason
    /// Who cancelled it, or the id of the deployment that takes its place; `nil` if nobody did.
    public var by: String?
    /// When, by the cluster's clock.
    public var at: Date

    /// A decision.
    public init(reason: Reason, by: String? = nil, at: Date) {
        self.reason = reason
        self.by = by
        self.at = at
    }
}

/// What is noted of one build.
public struct BuildStatus: Sendable, Equatable {
    /// Whether the build is known to have been created.
    public var start: StartNote
    /// How far it has come.
    public var phase: BuildPhase
    /// Why it ended without success or does not begin; `nil` where there is nothing to say, and for a code that a later
    /// version wrote.
    public var reason: Reason?
    /// Why, in a sentence.
    public var message: String
    /// The commit that was built, if the cluster says so.
    public var commit: String?
    /// The image that was built, with its digest.
    public var image: String?
    /// When the cluster began with it, by its clock, in whole seconds.
    public var started: Date?
    /// When it ended, by the cluster's clock, in whole seconds.
    public var ended: Date?
    /// Whether its steps are known to have begun, so that there is nothing more to ask until it ends.
    public var hasBegun: Bool

    /// A note.
    public init(
        start: StartNote, phase: BuildPhase, reason: Reason? = nil, message: String, commit: String? = nil,
        image: String? = nil, started: Date? = nil, ended: Date? = nil, hasBegun: Bool = false
    ) {
        self.start = start
        self.phase = phase
        self.reason = reason
        self.message = message
        self.commit = commit
        self.image = image
        self.started = started
        self.ended = ended
        self.hasBegun = hasBegun
    }

    /// A build of which nothing is known yet.
    static let unconfirmed = BuildStatus(
        start: .unconfirmed, phase: .pending, message: "its start is not confirmed yet")
}

/// Whether a build is known to have been created.
///
/// It decides what the absence of a build means: one noted as created has vanished, any other is still to be created. So a
/// creation that was interrupted is finished by the next caller.
public enum StartNote: String, Sendable, CaseIterable {
    /// Not known.
    case unconfirmed
    /// It was seen.
    case created
    /// The cluster refused it, for a reason that a repeat does not change.
    case refused
}
