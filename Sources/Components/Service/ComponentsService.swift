public import JSON
public import Logging

/// The rules of this service over its three ports: what `ComponentsOperations` promises, done.
///
/// It keeps nothing between two calls; any replica can take any of them.
public struct ComponentsService: ComponentsOperations {
    private let configs: any ToolConfigStore
    private let deployments: any DeploymentStore
    private let starter: DeploymentStarter
    private let driver: DeploymentDriver

    /// The service over these ports.
    ///
    /// - Parameters:
    ///   - maximumRetained: how many deployments of a tool are kept, at least 1.
    ///   - environment: the clock and the dice; tests bring their own.
    ///   - observers: learn of what becomes of deployments.
    public init(
        configs: any ToolConfigStore, deployments: any DeploymentStore, builds: any BuildService,
        maximumRetained: Int = 10, environment: DeploymentEnvironment = .live,
        observers: [any DeploymentObserver] = [], logger: Logger
    ) {
        self.configs = configs
        self.deployments = deployments
        driver = DeploymentDriver(
            store: deployments, builds: builds, observers: observers, environment: environment, logger: logger)
        starter = DeploymentStarter(
            configs: configs, store: deployments, driver: driver,
            remover: DeploymentRemover(store: deployments, builds: builds, observers: observers, logger: logger),
            maximumRetained: max(1, maximumRetained), environment: environment, observers: observers, logger: logger)
    }

    /// The config of a tool as it is stored.
    public func config(of tool: ToolName) async throws(ComponentsError) -> ConfigRecord {
        let stored: ConfigRecord?
        do {
            stored = try await configs.read(tool)
        } catch {
            throw ComponentsError(error, tool: tool, what: "the config")
        }
        if let stored { return stored }
        try await configs.requireTool(tool)
        throw .configMissing(tool)
    }

    /// Checks a config and stores it as given.
    public func store(
        config: JSONValue, for tool: ToolName, if precondition: ConfigPrecondition = .none
    ) async throws(ComponentsError) -> StoredConfig {
        let reader = ConfigReader(config)
        guard reader.config != nil else {
            throw .configInvalid(reader.problems, warnings: reader.warnings)
        }
        let write: ConfigWrite
        do {
            write = try await configs.write(config, for: tool, if: precondition)
        } catch {
            throw ComponentsError(error, tool: tool, what: "the config")
        }
        switch write {
        case .stored(let record):
            return StoredConfig(record: record, warnings: reader.warnings)
        case .refused(let failure):
            if failure == .missing { try await configs.requireTool(tool) }
            throw .preconditionFailed(tool, failure)
        }
    }

    /// Records a new deployment of the stored config and starts all its builds.
    public func deploy(
        _ tool: ToolName, key: IdempotencyKey? = nil
    ) async throws(ComponentsError) -> StartedDeployment {
        try await starter.deploy(tool, key: key)
    }

    /// The id of the recorded deployment that was asked for with that key.
    public func deploymentID(for key: IdempotencyKey, of tool: ToolName) async throws(ComponentsError) -> String? {
        let id = DeploymentNames.deployment(of: tool, key: key)
        do {
            return try await deployments.read(id, of: tool) == nil ? nil : id
        } catch .unreadable {
            return id
        } catch {
            throw ComponentsError(error, tool: tool, what: "the deployment \(id)")
        }
    }

    /// A deployment, brought up to date.
    public func deployment(_ id: String, of tool: ToolName) async throws(ComponentsError) -> Deployment {
        let what = "the deployment \(id)"
        do {
            if DeploymentNames.isDeployment(id, of: tool), let record = try await deployments.read(id, of: tool),
                let current = try await driver.bringUpToDate(record)
            {
                return current.deployment
            }
        } catch {
            throw ComponentsError(error, tool: tool, what: what)
        }
        try await configs.requireTool(tool)
        throw .deploymentMissing(tool, id: id)
    }

    /// Returns if the cluster answers and knows the kinds this service stores.
    public func checkReadiness() async throws(ComponentsError) {
        do {
            try await configs.checkReadiness()
        } catch {
            switch error {
            case .unavailable(let reason, let retryAfter):
                throw .unavailable(reason: reason, retryAfter: retryAfter)
            case .failed(let reason), .refused(let reason), .unreadable(let reason), .full(let reason, _, _):
                throw .unavailable(reason: reason, retryAfter: nil)
            case .timedOut:
                throw .unavailable(reason: "the cluster did not answer in time", retryAfter: nil)
            case .absent, .toolMissing, .toolTerminating, .exists, .conflict, .tooLarge:
                throw .unavailable(reason: "the cluster does not know this service's kinds", retryAfter: nil)
            }
        }
    }
}

extension ToolConfigStore {
    /// Throws `ComponentsError.toolMissing` if there is no such tool.
    ///
    /// Asked only once something was not found: it costs a call.
    func requireTool(_ tool: ToolName) async throws(ComponentsError) {
        let exists: Bool
        do {
            exists = try await toolExists(tool)
        } catch {
            throw ComponentsError(error, tool: tool, what: "the tool")
        }
        if !exists { throw .toolMissing(tool) }
    }
}
