import Components
import JSON
import Synchronization

/// Operations that answer what they were told to, and remember what they were asked.
final class RecordingOperations: ComponentsOperations {
    enum Call: Equatable {
        case config(ToolName)
        case store(JSONValue, ToolName, ConfigPrecondition = .none)
        case check(JSONValue, ToolName, ConfigPrecondition = .none)
        case remove(ToolName, ConfigPrecondition = .none)
        case deploy(ToolName, DeploymentOrder = DeploymentOrder())
        case plan(ToolName, DeploymentOrder = DeploymentOrder())
        case cancel(String, ToolName, by: String? = nil)
        case removeDeployment(String, ToolName)
        case deployment(String, ToolName)
        case awaitEnd(String, ToolName, Duration)
        case follow(String, ToolName)
        case deployments(ToolName)
        case goodBuilds(ToolName)
        case latestDeploymentID(ToolName)
        case buildLog(String, id: String, ToolName, BuildLogQuery)
        case checkReadiness
    }

    struct Script {
        var config: Result<JSONValue, ComponentsError> = .success(["components": [:]])
        /// Of the config, read or stored.
        var version = "48213"
        var origin = ConfigOrigin.stored
        var warnings: [String] = []
        var storing: ComponentsError?
        var deployment: Result<Deployment, ComponentsError> = .success(.example)
        /// Of the deployment, when it is followed; and what happens then.
        var deploymentVersion = "7"
        var events: [FollowingEvent] = []
        var deployWarnings: [String] = []
        var goodBuilds = ToolBuilds()
        var plan = DeploymentPlan(components: [])
        /// Whether the deployment was asked for before with the same key.
        var isReplay = false
        var readiness: ComponentsError?
        var readinessWarnings: [String] = []
        /// What a log has.
        var log: [BuildLogEvent] = []

        /// A script in which everything fails in the same way.
        static func failing(_ error: ComponentsError) -> Script {
            Script(config: .failure(error), storing: error, deployment: .failure(error), readiness: error)
        }
    }

    private let script: Script
    private let observer: @Sendable () -> Void
    private let recorded = Mutex<[Call]>([])

    /// - Parameter observer: is called wherever the operations run.
    init(_ script: Script = Script(), observer: @escaping @Sendable () -> Void = {}) {
        self.script = script
        self.observer = observer
    }

    var calls: [Call] { recorded.withLock { $0 } }

    private func record(_ call: Call) {
        observer()
        recorded.withLock { $0.append(call) }
    }

    func config(of tool: ToolName) async throws(ComponentsError) -> ConfigRecord {
        record(.config(tool))
        return ConfigRecord(document: try script.config.get(), version: script.version, origin: script.origin)
    }

    func store(
        config: JSONValue, for tool: ToolName, if precondition: ConfigPrecondition
    ) async throws(ComponentsError) -> StoredConfig {
        record(.store(config, tool, precondition))
        if let error = script.storing { throw error }
        return StoredConfig(
            record: ConfigRecord(document: config, version: script.version), warnings: script.warnings)
    }

    func check(
        config: JSONValue, for tool: ToolName, if precondition: ConfigPrecondition
    ) async throws(ComponentsError) -> [String] {
        record(.check(config, tool, precondition))
        if let error = script.storing { throw error }
        return script.warnings
    }

    func removeConfig(
        of tool: ToolName, if precondition: ConfigPrecondition
    ) async throws(ComponentsError) -> RemovedConfig {
        record(.remove(tool, precondition))
        if let error = script.storing { throw error }
        return RemovedConfig(
            record: ConfigRecord(document: try script.config.get(), version: script.version),
            isFollowedByImport: script.origin == .imported)
    }

    func deploy(_ tool: ToolName, _ order: DeploymentOrder) async throws(ComponentsError) -> StartedDeployment {
        record(.deploy(tool, order))
        return StartedDeployment(
            deployment: try script.deployment.get(), isReplay: script.isReplay, warnings: script.deployWarnings)
    }

    func planDeployment(_ tool: ToolName, _ order: DeploymentOrder) async throws(ComponentsError) -> DeploymentPlan {
        record(.plan(tool, order))
        _ = try script.deployment.get()
        return script.plan
    }

    func cancelDeployment(
        _ id: String, of tool: ToolName, by person: String?
    ) async throws(ComponentsError) -> Deployment {
        record(.cancel(id, tool, by: person))
        return try script.deployment.get()
    }

    func removeDeployment(_ id: String, of tool: ToolName) async throws(ComponentsError) -> Deployment {
        record(.removeDeployment(id, tool))
        return try script.deployment.get()
    }

    func deployment(_ id: String, of tool: ToolName) async throws(ComponentsError) -> Deployment {
        record(.deployment(id, tool))
        return try script.deployment.get()
    }

    func deployment(
        _ id: String, of tool: ToolName, endedWithin limit: Duration
    ) async throws(ComponentsError) -> Deployment {
        record(.awaitEnd(id, tool, limit))
        return try script.deployment.get()
    }

    func goodBuilds(of tool: ToolName) async throws(ComponentsError) -> ToolBuilds {
        record(.goodBuilds(tool))
        _ = try script.deployment.get()
        return script.goodBuilds
    }

    func followDeployment(_ id: String, of tool: ToolName) async throws(ComponentsError) -> FollowedDeployment {
        record(.follow(id, tool))
        let deployment = try script.deployment.get()
        let first = SeenDeployment(
            deployment: deployment, version: script.deploymentVersion, seenAt: deployment.createdAt)
        return FollowedDeployment(first: first) { [script] handle in
            for event in script.events { try await handle(event) }
        }
    }

    func deployments(of tool: ToolName) async throws(ComponentsError) -> [ListedDeployment] {
        record(.deployments(tool))
        return [.deployment(try script.deployment.get()), .unreadable(id: "odd")]
    }

    func latestDeploymentID(of tool: ToolName) async throws(ComponentsError) -> String {
        record(.latestDeploymentID(tool))
        return try script.deployment.get().id
    }

    func buildLog(
        of component: String, in id: String, of tool: ToolName, _ query: BuildLogQuery
    ) async throws(ComponentsError) -> BuildLog {
        record(.buildLog(component, id: id, tool, query))
        _ = try script.deployment.get()
        return BuildLog { [script] body in for event in script.log { try await body(event) } }
    }

    func checkReadiness() async throws(ComponentsError) -> [String] {
        record(.checkReadiness)
        if let error = script.readiness { throw error }
        return script.readinessWarnings
    }
}
