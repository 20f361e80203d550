public import struct Foundation.Date

/// One deployment: what was asked, and how far it has come.
public struct Deployment: Sendable, Equatable {
    /// `<tool>-deploy-<yyyymmdd-hhmmss>-<integer>`; with an idempotency key, `<tool>-deploy-key-<digits>`.
    public var id: String
    /// When it was asked for, by the cluster's clock.
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
