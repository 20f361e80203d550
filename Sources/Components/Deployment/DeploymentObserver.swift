public import struct Foundation.Date

/// Is notified of changes to deployments: for metrics and events.
///
/// It is called after the store has confirmed the change, on the path of the request: it must return at once, and cannot
/// fail.
public protocol DeploymentObserver: Sendable {
    /// Something happened to a deployment.
    func deploymentChanged(_ change: DeploymentChange)
}

/// Something that happened to a deployment.
///
/// However many replicas and requests drive one deployment, `recorded`, `stopped`, `buildEnded` and `ended` are reported once: by the
/// one whose write was stored. A process that dies right after its write reports nothing.
public enum DeploymentChange: Sendable, Equatable {
    /// It was recorded; its builds are started next.
    case recorded(DeploymentRecord)
    /// Its first status was stored by another request than the one that recorded it, which may have died before it
    /// reported anything.
    case resumed(DeploymentRecord)
    /// The decision to end it early was stored: it was cancelled, or a newer one takes its place.
    case stopped(DeploymentRecord)
    /// The end of one of its builds was stored.
    case buildEnded(PlannedBuild, BuildStatus, of: DeploymentIdentity)
    /// Its end was stored. The date is when its last build ended; where the cluster does not say, when that was seen.
    case ended(DeploymentRecord, at: Date)
    /// It was removed to make room.
    case removed(DeploymentEntry, of: ToolName)
}

extension [any DeploymentObserver] {
    /// Notifies all of them.
    func notify(_ change: DeploymentChange) {
        for observer in self { observer.deploymentChanged(change) }
    }
}
