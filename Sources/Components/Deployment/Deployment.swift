public import JSON

public import struct Foundation.Date

/// One deployment: what was asked, and how far it has come.
public struct Deployment: Sendable, Equatable {
    /// `<tool>-deploy-<yyyymmdd-hhmmss>-<integer>`; with an idempotency key, `<tool>-deploy-key-<digits>`.
    public var id: String
    /// When it was asked for, by the cluster's clock.
    public var createdAt: Date
    /// Its builds, in the order of the components' names.
    public var builds: [Build]
    /// How far it has come.
    public var phase: DeploymentPhase
    /// Why it stands so, if there is something to say.
    public var reason: Reason?
    /// The decision to end it early, if there is one.
    public var stop: DeploymentStop?
    /// What was asked for besides the config.
    public var options: DeploymentOptions
    /// The config as it was when the deployment was asked for; `null` where it was not read.
    public var config: JSONValue
    /// Where that config was fetched, if it was.
    public var configFetch: ConfigFetch?
    /// Who asked for it: the name of a person, as far as that is known, else the tool's; `nil` if nobody says.
    public var requestedBy: String?

    /// A deployment in a phase; without one, in the phase that follows from its builds.
    public init(
        id: String, createdAt: Date, builds: [Build], phase: DeploymentPhase? = nil, reason: Reason? = nil,
        stop: DeploymentStop? = nil, options: DeploymentOptions = DeploymentOptions(), config: JSONValue = .null,
        configFetch: ConfigFetch? = nil, requestedBy: String? = nil
    ) {
        self.id = id
        self.createdAt = createdAt
        self.builds = builds
        self.phase = phase ?? DeploymentPhase(of: builds.map(\.phase), stop: stop?.reason)
        self.reason = reason
        self.stop = stop
        self.options = options
        self.config = config
        self.configFetch = configFetch
        self.requestedBy = requestedBy
    }
}

/// How far a deployment has come.
public enum DeploymentPhase: String, Sendable, CaseIterable {
    case pending, running, succeeded, failed, cancelling, cancelled, timedOut

    /// The phase of a deployment whose builds are in these phases.
    ///
    /// - Parameter stop: the reason for which it was decided to end it early.
    public init(of builds: [BuildPhase], stop: Reason? = nil) {
        let haveEnded = builds.allSatisfy(\.isTerminal)
        self =
            if let stop {
                if !haveEnded { .cancelling } else { stop == .deploymentTimedOut ? .timedOut : .cancelled }
            } else if builds.allSatisfy({ $0 == .pending }) {
                .pending
            } else if !haveEnded {
                .running
            } else if builds.allSatisfy({ $0 == .succeeded }) {
                .succeeded
            } else {
                .failed
            }
    }

    /// Whether nothing can follow.
    public var isTerminal: Bool {
        switch self {
        case .pending, .running, .cancelling: false
        case .succeeded, .failed, .cancelled, .timedOut: true
        }
    }
}
