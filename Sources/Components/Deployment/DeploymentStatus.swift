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
