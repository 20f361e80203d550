public import struct Foundation.Date

/// Learns of what becomes of deployments: for figures, and for whoever follows along.
///
/// It is told after the store has confirmed, on the path of the request: it returns at once, and cannot fail.
public protocol DeploymentObserver: Sendable {
    /// Something happened to a deployment.
    func deploymentChanged(_ change: DeploymentChange)
}

/// Something that happened to a deployment.
///
/// However many replicas and requests look after one deployment, `recorded`, `buildEnded` and `ended` are told once: by
/// the one whose write the store took. A process that dies right after its write tells nothing.
public enum DeploymentChange: Sendable, Equatable {
    /// It was recorded; its builds are started next.
    case recorded(DeploymentRecord)
    /// Its first status was stored by another request than the one that recorded it, which may have died before it
    /// could tell anything.
    case resumed(DeploymentRecord)
    /// The end of one of its builds was stored.
    case buildEnded(PlannedBuild, BuildStatus, of: DeploymentIdentity)
    /// Its end was stored. The date is when its last build ended; where the cluster does not say, when that was seen.
    case ended(DeploymentRecord, at: Date)
    /// It was removed to make room.
    case removed(DeploymentEntry, of: ToolName)
}

extension [any DeploymentObserver] {
    /// Tells all of them.
    func tell(_ change: DeploymentChange) {
        for observer in self { observer.deploymentChanged(change) }
    }
}
