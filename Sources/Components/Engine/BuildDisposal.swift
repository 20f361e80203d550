/// Deletes what is left of the builds of deployments that were removed.
///
/// It works in the background: nobody waits for it, and what it could not do before the process ended is found by the sweep.
public protocol BuildDisposal: Sendable {
    /// Takes the builds of a record that is gone; returns at once.
    func dispose(of record: DeploymentRecord)
}

/// Leaves all of them to the sweep.
public struct NoDisposal: BuildDisposal {
    /// Nothing is deleted.
    public init() {}

    /// Does nothing.
    public func dispose(of record: DeploymentRecord) {}
}
