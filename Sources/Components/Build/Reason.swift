/// Why a build or a deployment stands as it does: stable codes for programs.
///
/// The table is closed: whatever is stored, shown, counted or told in an event is one of these.
public enum Reason: String, Sendable, CaseIterable {
    /// There is no git repository of that URL.
    case repositoryNotFound = "RepositoryNotFound"
    /// The git repository asks for credentials, and builds have none.
    case repositoryPrivate = "RepositoryPrivate"
    /// The git repository's host does not respond.
    case repositoryUnreachable = "RepositoryUnreachable"
    /// The git repository has no such branch, tag or commit.
    case refNotFound = "RefNotFound"
    /// No buildpack can build what is in the repository.
    case buildpackNotDetected = "BuildpackNotDetected"
    /// The build itself failed.
    case buildFailed = "BuildFailed"
    /// The build used more memory than it may.
    case outOfMemory = "OutOfMemory"
    /// The build's node removed it to save itself.
    case evicted = "Evicted"
    /// The image of one of the build's steps cannot be had.
    case imagePullFailed = "ImagePullFailed"
    /// No node has room for the build.
    case unschedulable = "Unschedulable"
    /// The registry has no room for the image.
    case registryQuotaExceeded = "RegistryQuotaExceeded"
    /// The registry does not accept the image.
    case registryRefused = "RegistryRefused"
    /// The cluster lacks the pipeline that builds.
    case pipelineMissing = "PipelineMissing"
    /// The cluster lacks the account that builds.
    case serviceAccountMissing = "ServiceAccountMissing"
    /// The build took longer than it may.
    case buildTimedOut = "BuildTimedOut"
    /// The build was not created within the time in which a build may start.
    case notStarted = "NotStarted"
    /// The deployment took longer than it may.
    case deploymentTimedOut = "DeploymentTimedOut"
    /// Somebody cancelled it.
    case cancelled = "Cancelled"
    /// It is being ended: some builds have not ended yet.
    case cancelling = "Cancelling"
    /// A newer deployment took its place.
    case superseded = "Superseded"
    /// The build is gone from the cluster, and its end was not seen.
    case vanished = "Vanished"
    /// The cluster refuses to create the build.
    case clusterRefused = "ClusterRefused"
    /// The cluster has no room for another build now.
    case quotaFull = "QuotaFull"
    /// Nothing has changed since the component's newest good build, which is taken.
    case unchanged = "Unchanged"

    /// The reason of a build that the cluster ran to this end, if nothing finer is known; `nil` for one that did not end, or
    /// succeeded.
    public init?(of phase: BuildPhase) {
        switch phase {
        case .pending, .running, .succeeded: return nil
        case .failed: self = .buildFailed
        case .cancelled: self = .cancelled
        case .timedOut: self = .buildTimedOut
        }
    }

    /// Whether an admin of the cluster has to mend it, and no user can.
    public var isClusterFault: Bool {
        switch self {
        case .evicted, .imagePullFailed, .unschedulable, .registryRefused, .pipelineMissing, .serviceAccountMissing,
            .notStarted, .vanished, .clusterRefused, .quotaFull:
            true
        case .repositoryNotFound, .repositoryPrivate, .repositoryUnreachable, .refNotFound, .buildpackNotDetected,
            .buildFailed, .outOfMemory, .registryQuotaExceeded, .buildTimedOut, .deploymentTimedOut, .cancelled,
            .cancelling, .superseded, .unchanged:
            false
        }
    }
}
