public import JSON
public import Logging

/// The rules of this service over its three ports: it does what `ComponentsOperations` promises.
///
/// It keeps nothing between two calls; any replica can serve any of them.
public struct ComponentsService: ComponentsOperations {
    private let readConfig: ReadConfig
    private let storeConfig: StoreConfig
    private let removeConfig: RemoveConfig
    private let startDeployment: StartDeployment
    private let readDeployment: ReadDeployment
    private let listDeployments: ListDeployments
    private let replay: ReplayDeployment
    private let readiness: CheckReadiness

    /// The service over these ports.
    ///
    /// - Parameters:
    ///   - maximumRetained: how many deployments of a tool are kept, at least 1.
    ///   - limits: the deadlines of deployments.
    ///   - observers: are notified of changes to deployments.
    public init(
        configs: any ToolConfigStore, deployments: any DeploymentStore, builds: any BuildService,
        maximumRetained: Int = 10, limits: DeploymentLimits = DeploymentLimits(),
        clock: any ClusterClock = SystemClock(), randomness: Randomness = Randomness(),
        observers: [any DeploymentObserver] = [], logger: Logger
    ) {
        let driver = DeploymentDriver(
            store: deployments, builds: builds, limits: limits, observers: observers, clock: clock, logger: logger)
        readConfig = ReadConfig(configs: configs)
        storeConfig = StoreConfig(configs: configs)
        removeConfig = RemoveConfig(configs: configs)
        readDeployment = ReadDeployment(configs: configs, store: deployments, driver: driver)
        listDeployments = ListDeployments(configs: configs, store: deployments)
        replay = ReplayDeployment(store: deployments, driver: driver)
        readiness = CheckReadiness(configs: configs)
        startDeployment = StartDeployment(
            configs: configs, store: deployments, driver: driver,
            remover: DeploymentRemover(store: deployments, builds: builds, observers: observers, logger: logger),
            replay: replay, maximumRetained: max(1, maximumRetained), clock: clock, randomness: randomness,
            observers: observers, logger: logger)
    }

    /// The config of a tool as it is stored.
    public func config(of tool: ToolName) async throws(ComponentsError) -> ConfigRecord {
        try await readConfig(tool)
    }

    /// Checks a config and stores it as given.
    public func store(
        config: JSONValue, for tool: ToolName, if precondition: ConfigPrecondition = .none
    ) async throws(ComponentsError) -> StoredConfig {
        try await storeConfig(config, for: tool, if: precondition)
    }

    /// Removes the config; deployments stay.
    public func removeConfig(
        of tool: ToolName, if precondition: ConfigPrecondition = .none
    ) async throws(ComponentsError) -> ConfigRecord {
        try await removeConfig(tool, if: precondition)
    }

    /// Records a new deployment of the stored config and starts all its builds.
    public func deploy(
        _ tool: ToolName, key: IdempotencyKey? = nil
    ) async throws(ComponentsError) -> StartedDeployment {
        try await startDeployment(tool, key: key)
    }

    /// The id of the recorded deployment that was asked for with that key.
    public func deploymentID(for key: IdempotencyKey, of tool: ToolName) async throws(ComponentsError) -> String? {
        try await replay.id(for: key, of: tool)
    }

    /// A deployment, brought up to date.
    public func deployment(_ id: String, of tool: ToolName) async throws(ComponentsError) -> Deployment {
        try await readDeployment(id, of: tool)
    }

    /// A tool's deployments as they are stored, the newest first.
    public func deployments(of tool: ToolName) async throws(ComponentsError) -> [ListedDeployment] {
        try await listDeployments(tool)
    }

    /// The newest deployment, brought up to date.
    public func latestDeployment(of tool: ToolName) async throws(ComponentsError) -> Deployment {
        try await readDeployment(try await listDeployments.latest(of: tool), of: tool)
    }

    /// Returns if the cluster responds and knows the kinds this service stores.
    public func checkReadiness() async throws(ComponentsError) {
        try await readiness()
    }
}
