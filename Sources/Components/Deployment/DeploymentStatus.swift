/// How far a deployment has come, by component.
public struct DeploymentStatus: Sendable, Equatable {
    /// What is noted of each build; one that is missing here has not been noted at all.
    public var builds: [String: BuildStatus]

    /// A status of these notes.
    public init(builds: [String: BuildStatus] = [:]) {
        self.builds = builds
    }

    /// What is noted of a build.
    subscript(build: PlannedBuild) -> BuildStatus { builds[build.component] ?? .unconfirmed }

    /// The phase that follows from all builds of a request.
    public func phase(of request: DeploymentRequest) -> DeploymentPhase {
        DeploymentPhase(of: request.builds.map { self[$0].phase })
    }
}

/// What is noted of one build.
public struct BuildStatus: Sendable, Equatable {
    /// Whether the build is known to have been created.
    public var start: StartNote
    /// How far it has come.
    public var phase: BuildPhase
    /// Why it ended without success; `nil` for other phases, and for a code that a later version wrote.
    public var reason: BuildReason?
    /// Why, in a sentence.
    public var message: String

    /// A note.
    public init(start: StartNote, phase: BuildPhase, reason: BuildReason? = nil, message: String) {
        self.start = start
        self.phase = phase
        self.reason = reason
        self.message = message
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
