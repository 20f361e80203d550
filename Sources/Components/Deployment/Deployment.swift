public import struct Foundation.Date

/// One deployment: what was asked, and how far it has come.
public struct Deployment: Sendable, Equatable {
    /// `<tool>-deploy-<yyyymmdd-hhmmss>-<integer>`; of one that was asked for with a key, `<tool>-deploy-key-<digits>`.
    public var id: String
    /// When the store recorded it, to the second.
    public var createdAt: Date
    /// Its builds, in the order of the components' names.
    public var builds: [Build]

    /// A deployment of these builds.
    public init(id: String, createdAt: Date, builds: [Build]) {
        self.id = id
        self.createdAt = createdAt
        self.builds = builds
    }

    /// What follows from the builds: pending while all are, running while any has not ended, then succeeded if all
    /// have, else failed.
    public var phase: DeploymentPhase { DeploymentPhase(of: builds.map(\.phase)) }
}

/// One build of a deployment.
public struct Build: Sendable, Equatable {
    /// The component it builds.
    public var component: String
    /// The build's own name, a function of deployment and component.
    public var id: String
    /// How far it has come.
    public var phase: BuildPhase
    /// What the cluster says of it, or why it does not run: a sentence.
    public var message: String

    /// A build as it was last seen.
    public init(component: String, id: String, phase: BuildPhase, message: String) {
        self.component = component
        self.id = id
        self.phase = phase
        self.message = message
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

/// How far a deployment has come.
public enum DeploymentPhase: String, Sendable, CaseIterable {
    case pending, running, succeeded, failed

    /// The phase of a deployment whose builds are in these phases.
    public init(of builds: [BuildPhase]) {
        self =
            if builds.allSatisfy({ $0 == .pending }) {
                .pending
            } else if !builds.allSatisfy(\.isTerminal) {
                .running
            } else if builds.allSatisfy({ $0 == .succeeded }) {
                .succeeded
            } else {
                .failed
            }
    }

    /// Whether nothing can follow.
    public var isTerminal: Bool { self == .succeeded || self == .failed }
}
