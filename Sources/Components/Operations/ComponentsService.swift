public import JSON
public import Logging

/// The rules of this service over its ports: it does what `ComponentsOperations` promises.
///
/// It keeps nothing between two calls; any replica can serve any of them.
public struct ComponentsService: ComponentsOperations {
    private let readConfig: ReadConfig
    private let storeConfig: StoreConfig
    private let removeConfig: RemoveConfig
    private let startDeployment: StartDeployment
    private let planDeployment: PlanDeployment
    private let readDeployment: ReadDeployment
    private let followDeployment: FollowDeployment
    private let listDeployments: ListDeployments
    private let cancelDeployment: CancelDeployment
    private let removeDeployment: RemoveDeployment
    private let readBuildLog: ReadBuildLog
    private let readGoodBuilds: ReadGoodBuilds
    private let replay: ReplayDeployment
    private let readiness: CheckReadiness
    private let freeze: String?

    /// The service over these ports.
    ///
    /// - Parameters:
    ///   - imports: the configs of the implementation that tools come from; `nil` = none is imported.
    ///   - source: fetches configs from the URLs that tools name; `nil` = none is fetched.
    ///   - commits: looks up which commits refs name; `nil` = that is left to the builder.
    ///   - registry: where images go; `nil` = nothing is known of it, so no build can be left out.
    ///   - maximumRetained: how many deployments of a tool are kept, at least 1.
    ///   - limits: the deadlines of deployments.
    ///   - disposal: takes the builds of deployments that were removed.
    ///   - freeze: why no deployment may start; `nil` = any may.
    ///   - rights: what the service's account may do; `nil` = that is not asked.
    ///   - warnings: what does not work now, but does not keep the service from being used: sentences.
    ///   - changes: tell whoever follows a deployment when to look at it.
    ///   - observers: are notified of changes to deployments.
    public init(
        configs: any ToolConfigStore, deployments: any DeploymentStore, builds: any BuildService,
        goodBuilds: any ToolBuildsStore, logs: any BuildLogs, imports: (any ConfigImport)? = nil,
        source: (any ConfigSource)? = nil, commits: (any CommitResolver)? = nil,
        registry: (any ImageRegistry)? = nil,
        maximumRetained: Int = 10, limits: DeploymentLimits = DeploymentLimits(),
        clock: any ClusterClock = SystemClock(), randomness: Randomness = Randomness(),
        disposal: any BuildDisposal = NoDisposal(), changes: any DeploymentChanges = NoDeploymentChanges(),
        freeze: String? = nil, rights: (any ServiceRights)? = nil,
        warnings: @escaping @Sendable () -> [String] = { [] }, observers: [any DeploymentObserver] = [], logger: Logger
    ) {
        self.freeze = freeze
        let driver = DeploymentDriver(
            store: deployments, builds: builds, keeper: GoodBuildKeeper(store: goodBuilds, logger: logger),
            limits: limits, observers: observers, clock: clock, logger: logger)
        let remover = DeploymentRemover(
            store: deployments, builds: builds, disposal: disposal, observers: observers, clock: clock, logger: logger)
        let lookup = ConfigLookup(stored: configs, imports: imports)
        readConfig = ReadConfig(configs: configs, lookup: lookup)
        let fetch = FetchConfig(source: source, clock: clock)
        storeConfig = StoreConfig(configs: configs, lookup: lookup, fetch: fetch)
        removeConfig = RemoveConfig(configs: configs, lookup: lookup)
        let readDeployment = ReadDeployment(configs: configs, store: deployments, driver: driver)
        self.readDeployment = readDeployment
        let lookout = DeploymentLookout(changes: changes, clock: clock) { deployment, isLive in
            do throws(ClusterFailure) {
                // Who tells of changes has found them stored; without that nobody may be moving it on.
                return .success(try await readDeployment.current(deployment, isDriven: !isLive))
            } catch {
                return .failure(error)
            }
        }
        followDeployment = FollowDeployment(readDeployment: readDeployment, lookout: lookout, clock: clock)
        listDeployments = ListDeployments(configs: configs, store: deployments)
        cancelDeployment = CancelDeployment(configs: configs, store: deployments, driver: driver)
        removeDeployment = RemoveDeployment(configs: configs, store: deployments, remover: remover)
        readBuildLog = ReadBuildLog(
            configs: configs, store: deployments, logs: logs, lookout: lookout, clock: clock)
        readGoodBuilds = ReadGoodBuilds(configs: configs, store: goodBuilds)
        replay = ReplayDeployment(store: deployments, driver: driver, clock: clock)
        readiness = CheckReadiness(configs: configs, rights: rights, warnings: warnings)
        let drafting = DraftDeployment(
            configs: configs, lookup: lookup, fetch: fetch, store: deployments, commits: commits,
            goodBuilds: goodBuilds, builds: builds, registry: registry)
        let maximumRetained = max(1, maximumRetained)
        planDeployment = PlanDeployment(store: deployments, drafting: drafting, maximumRetained: maximumRetained)
        startDeployment = StartDeployment(
            store: deployments, drafting: drafting, driver: driver, remover: remover, replay: replay,
            maximumRetained: maximumRetained, clock: clock, randomness: randomness, observers: observers, logger: logger
        )
    }

    /// The config that counts for a tool, as it is stored.
    public func config(of tool: ToolName) async throws(ComponentsError) -> ConfigRecord {
        try await readConfig(tool)
    }

    /// Checks a config and stores it as given.
    public func store(
        config: JSONValue, for tool: ToolName, if precondition: ConfigPrecondition = .none
    ) async throws(ComponentsError) -> StoredConfig {
        try await storeConfig(config, for: tool, if: precondition)
    }

    /// Checks a config and stores nothing.
    public func check(
        config: JSONValue, for tool: ToolName, if precondition: ConfigPrecondition = .none
    ) async throws(ComponentsError) -> [String] {
        try await storeConfig.check(config, for: tool, if: precondition)
    }

    /// Removes the config; deployments stay.
    public func removeConfig(
        of tool: ToolName, if precondition: ConfigPrecondition = .none
    ) async throws(ComponentsError) -> RemovedConfig {
        try await removeConfig(tool, if: precondition)
    }

    /// Records a new deployment of the stored config and starts all its builds.
    public func deploy(
        _ tool: ToolName, _ order: DeploymentOrder = DeploymentOrder()
    ) async throws(ComponentsError) -> StartedDeployment {
        if let freeze { throw .frozen(freeze) }
        return try await startDeployment(tool, order)
    }

    /// What `deploy` would do now.
    public func planDeployment(
        _ tool: ToolName, _ order: DeploymentOrder = DeploymentOrder()
    ) async throws(ComponentsError) -> DeploymentPlan {
        if let freeze { throw .frozen(freeze) }
        return try await planDeployment(tool, order)
    }

    /// Ends a deployment.
    public func cancelDeployment(
        _ id: String, of tool: ToolName, by person: String? = nil
    ) async throws(ComponentsError) -> Deployment {
        try await cancelDeployment(id, of: tool, by: person)
    }

    /// Removes a deployment.
    public func removeDeployment(_ id: String, of tool: ToolName) async throws(ComponentsError) -> Deployment {
        try await removeDeployment(id, of: tool)
    }

    /// A deployment, brought up to date.
    public func deployment(_ id: String, of tool: ToolName) async throws(ComponentsError) -> Deployment {
        try await readDeployment(id, of: tool)
    }

    /// A deployment at its end, or as it stands when the time is over.
    public func deployment(
        _ id: String, of tool: ToolName, endedWithin limit: Duration
    ) async throws(ComponentsError) -> Deployment {
        try await followDeployment(id, of: tool, endedWithin: limit)
    }

    /// A deployment, and whatever is stored of it afterwards.
    public func followDeployment(
        _ id: String, of tool: ToolName
    ) async throws(ComponentsError) -> FollowedDeployment {
        try await followDeployment(id, of: tool)
    }

    /// A tool's deployments as they are stored, the newest first.
    public func deployments(of tool: ToolName) async throws(ComponentsError) -> [ListedDeployment] {
        try await listDeployments(tool)
    }

    /// The id of the newest deployment.
    public func latestDeploymentID(of tool: ToolName) async throws(ComponentsError) -> String {
        try await listDeployments.latest(of: tool)
    }

    /// The newest good build of each component.
    public func goodBuilds(of tool: ToolName) async throws(ComponentsError) -> ToolBuilds {
        try await readGoodBuilds(tool)
    }

    /// The log of the build of a component.
    public func buildLog(
        of component: String, in id: String, of tool: ToolName, _ query: BuildLogQuery
    ) async throws(ComponentsError) -> BuildLog {
        try await readBuildLog(component, in: id, of: tool, query)
    }

    /// Returns if the service can be used.
    public func checkReadiness() async throws(ComponentsError) -> [String] {
        try await readiness()
    }
}
