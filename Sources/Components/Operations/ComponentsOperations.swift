public import JSON

/// What a user can ask of this service: the one surface between the rules and whatever carries the requests.
///
/// The caller has been identified and authorised before any of these is called.
public protocol ComponentsOperations: Sendable {
    /// The config of a tool as it is stored; where it has none here, the one that is imported, if there is one.
    /// - Throws: `ComponentsError.configMissing` if there is none.
    func config(of tool: ToolName) async throws(ComponentsError) -> ConfigRecord

    /// Checks a config and stores it as given, in place of the one before, if the precondition holds at that moment.
    ///
    /// One that names where another is to be fetched is stored as it is; what is found there is checked too.
    /// - Throws: `ComponentsError.configInvalid` with every mistake, `.storedConfigInvalid` with those of what was fetched,
    ///   `.configUnavailable`, or `.preconditionFailed`; nothing is stored then.
    func store(
        config: JSONValue, for tool: ToolName, if precondition: ConfigPrecondition
    ) async throws(ComponentsError) -> StoredConfig

    /// Checks a config as `store` does, and stores nothing.
    /// - Returns: the warnings of `StoredConfig`.
    /// - Throws: as `store`, but for what the cluster would refuse.
    func check(
        config: JSONValue, for tool: ToolName, if precondition: ConfigPrecondition
    ) async throws(ComponentsError) -> [String]

    /// Removes the config, if the precondition holds at that moment; deployments stay.
    /// - Returns: the config as it was; its document is `null` if what was stored had none.
    /// - Throws: `ComponentsError.configMissing` if there is none, whatever the precondition, `.configImported` if there is only
    ///   one that is imported, or `.preconditionFailed`; nothing is removed then.
    func removeConfig(
        of tool: ToolName, if precondition: ConfigPrecondition
    ) async throws(ComponentsError) -> RemovedConfig

    /// Records a new deployment of the stored config and starts all its builds.
    ///
    /// A config that names where another is to be fetched has that one fetched, deployed and recorded in its place. Which commits its refs name is looked up before. A build that the cluster refuses is part of the result, and so is one of
    /// which there is nothing to build: neither is an error.
    /// - Throws: `ComponentsError.optionsInvalid` for what does not fit the config; `.overlaps` if the order rejects that, and
    ///   another deployment has not ended; nothing is stored then. `.frozen` while no deployment may start.
    func deploy(_ tool: ToolName, _ order: DeploymentOrder) async throws(ComponentsError) -> StartedDeployment

    /// What `deploy` would do now; nothing is stored or started.
    /// - Throws: as `deploy`, but not for deployments that overlap, which are part of the result.
    func planDeployment(_ tool: ToolName, _ order: DeploymentOrder) async throws(ComponentsError) -> DeploymentPlan

    /// Ends a deployment: the decision is stored first, then all builds are asked to end at once.
    ///
    /// What this has answered ends as cancelled, whatever else happens; a build that ends by itself meanwhile keeps its end.
    /// A repeat changes nothing and returns the deployment as it is.
    /// - Parameters:
    ///   - id: as the user wrote it; any string.
    ///   - person: who asks, as far as is known besides the tool.
    /// - Throws: `ComponentsError.deploymentMissing`, or `.deploymentEnded` if it had ended otherwise, or is being ended for
    ///   another reason.
    func cancelDeployment(
        _ id: String, of tool: ToolName, by person: String?
    ) async throws(ComponentsError) -> Deployment

    /// Removes a deployment; one that is going on is ended first. Its builds' remains go too, in the background.
    /// - Parameter id: as the user wrote it; any string.
    /// - Returns: the deployment as it was; of one that cannot be read, without builds and as failed.
    /// - Throws: `ComponentsError.deploymentMissing` for what is not there, or cannot be an id.
    func removeDeployment(_ id: String, of tool: ToolName) async throws(ComponentsError) -> Deployment

    /// A deployment, brought up to date with its builds as they are now and stored if that changed it.
    /// - Parameter id: as the user wrote it; any string.
    /// - Throws: `ComponentsError.deploymentMissing` for what is not there, or cannot be an id.
    func deployment(_ id: String, of tool: ToolName) async throws(ComponentsError) -> Deployment

    /// A deployment as by `deployment(_:of:)`, but not before it has ended, as long as the time is not over.
    ///
    /// Nothing is asked of the cluster while nothing changes. When the time is over, and when the task is cancelled, it is
    /// returned as it was seen last.
    /// - Parameter limit: how long to wait for its end.
    /// - Throws: as `deployment(_:of:)`; what keeps the cluster from being asked, only if it still does in the end.
    func deployment(
        _ id: String, of tool: ToolName, endedWithin limit: Duration
    ) async throws(ComponentsError) -> Deployment

    /// A deployment as by `deployment(_:of:)`, and whatever is stored of it afterwards, until its end.
    /// - Throws: as `deployment(_:of:)`.
    func followDeployment(_ id: String, of tool: ToolName) async throws(ComponentsError) -> FollowedDeployment

    /// A tool's deployments as they are stored, the newest first; none is brought up to date.
    func deployments(of tool: ToolName) async throws(ComponentsError) -> [ListedDeployment]

    /// The id of the newest deployment.
    /// - Throws: `ComponentsError.noDeployments` if there is none.
    func latestDeploymentID(of tool: ToolName) async throws(ComponentsError) -> String

    /// The newest good build of each component, whatever has become of its deployment.
    ///
    /// A tool without any has none: that is no error.
    func goodBuilds(of tool: ToolName) async throws(ComponentsError) -> ToolBuilds

    /// The log of the build of a component.
    ///
    /// A build that waits, was never started, or whose log is gone has one too, which says so.
    /// - Parameters:
    ///   - component: one that reuses another's build shows that one's log.
    ///   - id: as the user wrote it; any string.
    ///   - query: which part; secrets are found here.
    /// - Throws: `ComponentsError.deploymentMissing` or `.componentMissing`.
    func buildLog(
        of component: String, in id: String, of tool: ToolName, _ query: BuildLogQuery
    ) async throws(ComponentsError) -> BuildLog

    /// Returns if the cluster responds, knows the kinds this service stores, and lets it store configs and deploy.
    /// - Returns: what else does not work now: sentences.
    /// - Throws: `ComponentsError.cluster(.unavailable, about: .service)` with the reason, whatever the failure.
    func checkReadiness() async throws(ComponentsError) -> [String]
}

/// A config that was stored.
public struct StoredConfig: Sendable, Equatable {
    /// What is stored now.
    public var record: ConfigRecord
    /// One sentence for each key that this version does not know or does not act on, with its path.
    public var warnings: [String]

    /// A config and its warnings.
    public init(record: ConfigRecord, warnings: [String]) {
        self.record = record
        self.warnings = warnings
    }
}

/// A config that was removed.
public struct RemovedConfig: Sendable, Equatable {
    /// The config as it was.
    public var record: ConfigRecord
    /// Whether one that is imported counts from now on.
    public var isFollowedByImport: Bool

    /// A config as it was.
    public init(record: ConfigRecord, isFollowedByImport: Bool = false) {
        self.record = record
        self.isFollowedByImport = isFollowedByImport
    }
}

/// A deployment as it is asked for.
public struct DeploymentOrder: Sendable, Equatable {
    /// The client's name for it.
    ///
    /// While a deployment that was asked for with it is recorded, that one is brought up to date and
    /// returned, whatever the config is by now; no other is started.
    public var key: IdempotencyKey?
    /// What is asked for besides the config.
    public var options: DeploymentOptions
    /// Who asks, as far as is known besides the tool: the name of a person.
    public var requestedBy: String?

    /// An order.
    public init(
        key: IdempotencyKey? = nil, options: DeploymentOptions = DeploymentOptions(), requestedBy: String? = nil
    ) {
        self.key = key
        self.options = options
        self.requestedBy = requestedBy
    }
}

/// A deployment in a list.
public enum ListedDeployment: Sendable, Equatable {
    /// As it is stored.
    case deployment(Deployment)
    /// An object that is stored under that id, and cannot be read as a deployment.
    case unreadable(id: String)

    /// The deployment, if it can be read.
    public var deployment: Deployment? {
        if case .deployment(let deployment) = self { deployment } else { nil }
    }
}

/// A deployment that was asked for and is recorded.
public struct StartedDeployment: Sendable, Equatable {
    /// The deployment, with every build.
    public var deployment: Deployment
    /// Whether it was recorded before, for another request with the same key.
    public var isReplay: Bool
    /// What the user should know although the deployment stands: sentences.
    public var warnings: [String]

    /// A deployment and its warnings.
    public init(deployment: Deployment, isReplay: Bool = false, warnings: [String] = []) {
        self.deployment = deployment
        self.isReplay = isReplay
        self.warnings = warnings
    }
}
