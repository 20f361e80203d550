/// One build of a deployment.
public struct Build: Sendable, Equatable {
    /// The component it builds.
    public var component: String
    /// The build's own name, a function of deployment and component.
    public var id: String
    /// How far it has come.
    public var phase: BuildPhase
    /// Why it ended without success, if it did.
    public var reason: BuildReason?
    /// What the cluster says of it, or why it does not run: a sentence.
    public var message: String

    /// A build as it was last observed.
    public init(component: String, id: String, phase: BuildPhase, reason: BuildReason? = nil, message: String) {
        self.component = component
        self.id = id
        self.phase = phase
        self.reason = reason
        self.message = message
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

    /// A build of a component.
    public init(component: String, id: String, repository: String, ref: String?) {
        self.component = component
        self.id = id
        self.repository = repository
        self.ref = ref
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

/// Why a build ended without success: stable codes for programs.
public enum BuildReason: String, Sendable, CaseIterable {
    /// The build itself failed.
    case failed = "BuildFailed"
    /// Somebody cancelled it.
    case cancelled = "BuildCancelled"
    /// It took longer than it may.
    case timedOut = "BuildTimedOut"
    /// The cluster refused to create it.
    case refused = "BuildRefused"
    /// It is gone from the cluster, and its end was not seen.
    case vanished = "BuildVanished"
    /// It was not created within the time in which a build may start.
    case notStarted = "NotStarted"
    /// A newer deployment has built the component.
    case superseded = "Superseded"

    /// The reason of a build that the cluster ran to this end; `nil` for one that did not end, or succeeded.
    init?(of phase: BuildPhase) {
        switch phase {
        case .pending, .running, .succeeded: return nil
        case .failed: self = .failed
        case .cancelled: self = .cancelled
        case .timedOut: self = .timedOut
        }
    }
}
