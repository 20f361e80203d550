/// Tells when something may have changed of a deployment.
public protocol DeploymentChanges: Sendable {
    /// Whether every change is told soon; while it is not, whoever waits has to look from time to time.
    var isLive: Bool { get }

    /// A signal after each change that was stored of a deployment, after its removal, and when either may have been missed.
    ///
    /// From the moment at which this returns nothing is lost, but several signals may be merged into one. A signal is no
    /// promise that anything changed.
    func changes(of deployment: DeploymentIdentity) -> AsyncStream<Void>
}

/// Tells nothing: whoever waits looks from time to time.
public struct NoDeploymentChanges: DeploymentChanges {
    /// Nothing is told.
    public init() {}

    /// Never.
    public var isLive: Bool { false }

    /// No signal.
    public func changes(of deployment: DeploymentIdentity) -> AsyncStream<Void> { AsyncStream { $0.finish() } }
}
