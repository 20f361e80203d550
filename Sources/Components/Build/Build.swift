public import struct Foundation.Date

/// One build of a deployment.
public struct Build: Sendable, Equatable {
    /// The component it builds.
    public var component: String
    /// The build's own name, a function of deployment and component.
    public var id: String
    /// How far it has come.
    public var phase: BuildPhase
    /// Why it ended without success or does not begin, if so.
    public var reason: Reason?
    /// What the cluster says of it, or why it does not run: a sentence.
    public var message: String
    /// What was to be built; `nil` is the repository's `HEAD`.
    public var ref: String?
    /// The commit that was built, if it is known.
    public var commit: String?
    /// The image that was built, with its digest, if it is known.
    public var image: String?
    /// The image of the buildpacks that built it, once it has ended.
    public var builder: String?
    /// Whether it is known to have been created.
    public var isCreated: Bool
    /// When the cluster began with it, if it did.
    public var started: Date?
    /// When it ended, if it has.
    public var ended: Date?
    /// The earlier build that is taken in its place, if so; then it never runs.
    public var taken: TakenBuild?
    /// The end of its log, if it ended badly.
    public var logTail: BuildLogTail?

    /// A build as it was last observed.
    public init(
        component: String, id: String, phase: BuildPhase, reason: Reason? = nil, message: String, ref: String? = nil,
        commit: String? = nil, image: String? = nil, builder: String? = nil, isCreated: Bool = true,
        started: Date? = nil, ended: Date? = nil
    ) {
        self.component = component
        self.id = id
        self.phase = phase
        self.reason = reason
        self.message = message
        self.ref = ref
        self.commit = commit
        self.image = image
        self.builder = builder
        self.isCreated = isCreated
        self.started = started
        self.ended = ended
    }
}

/// One build as it was asked for.
public struct PlannedBuild: Sendable, Hashable {
    /// The component it builds.
    public var component: String
    /// Its name: a function of deployment and component.
    public var id: String
    /// The git repository's URL.
    public var repository: String
    /// What to check out; `nil` is the repository's `HEAD`.
    public var ref: String?
    /// The commit that the ref named when the deployment was asked for; `nil` if it was not looked up.
    public var commit: String?
    /// What it is made with.
    public var options: BuildOptions
    /// Why there is nothing to build: it ends with that, and is never created.
    public var failure: BuildFailure?
    /// The earlier build that is taken in its place: it ends well with that, and is never created.
    public var taken: TakenBuild?

    /// A build of a component.
    public init(
        component: String, id: String, repository: String, ref: String?, commit: String? = nil,
        options: BuildOptions = BuildOptions(), failure: BuildFailure? = nil, taken: TakenBuild? = nil
    ) {
        self.component = component
        self.id = id
        self.repository = repository
        self.ref = ref
        self.commit = commit
        self.options = options
        self.failure = failure
        self.taken = taken
    }

    /// Whether it is never created, because its end was known when the deployment was asked for.
    public var isNeverCreated: Bool { failure != nil || taken != nil }
}

/// An earlier good build whose image is taken, because nothing has changed since.
public struct TakenBuild: Sendable, Hashable {
    /// The build's name.
    public var build: String
    /// The id of its deployment.
    public var deployment: String
    /// The image, with its digest.
    public var image: String
    /// The image of the buildpacks that built it, if it is known.
    public var builder: String?

    /// A build that is taken.
    public init(build: String, deployment: String, image: String, builder: String? = nil) {
        self.build = build
        self.deployment = deployment
        self.image = image
        self.builder = builder
    }
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

/// How far a build has come, in the words of the field.
public enum BuildPhase: String, Sendable, CaseIterable {
    case pending, running, succeeded, failed, cancelled, timedOut

    /// Whether nothing can follow.
    public var isTerminal: Bool {
        switch self {
        case .pending, .running: false
        case .succeeded, .failed, .cancelled, .timedOut: true
        }
    }
}
