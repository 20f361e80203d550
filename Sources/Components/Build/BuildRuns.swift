public import struct Foundation.Date

/// The builds that exist, whether a record accounts for them or not: for those who clean up.
public protocol BuildRuns: Sendable {
    /// All builds of this service, of all tools.
    func listRuns() async throws(ClusterFailure) -> [BuildRun]

    /// A build that exists; `nil` if there is none, or if its name is taken by something else.
    func findRun(_ build: PlannedBuild, of deployment: DeploymentIdentity) async throws(ClusterFailure) -> BuildRun?

    /// Removes that very build, and with it what it made. One that is gone already is not an error.
    func remove(_ run: BuildRun) async throws(ClusterFailure)
}

/// A build as it stands in the cluster.
public struct BuildRun: Sendable, Equatable {
    /// Its name.
    public var name: String
    /// Which object it is: another one of the same name has another identity.
    public var identity: String
    /// The deployment that it says it belongs to.
    public var deployment: DeploymentIdentity
    /// The component that it says it builds.
    public var component: String
    /// When it was created, to the second, by the cluster's clock.
    public var createdAt: Date
    /// Whether it has ended.
    public var hasEnded: Bool

    /// A build that exists.
    public init(
        name: String, identity: String, deployment: DeploymentIdentity, component: String, createdAt: Date,
        hasEnded: Bool
    ) {
        self.name = name
        self.identity = identity
        self.deployment = deployment
        self.component = component
        self.createdAt = createdAt
        self.hasEnded = hasEnded
    }
}

extension BuildRun {
    /// The age from which a build may be removed that no record accounts for: longer than any call to the cluster takes.
    public static let minimumAge = Duration.seconds(120)

    /// How long it is until the build is old enough; zero or less if it is.
    public func timeUntilItMayBeRemoved(at now: Date) -> Duration {
        Self.minimumAge - .seconds(now.timeIntervalSince(createdAt))
    }
}
