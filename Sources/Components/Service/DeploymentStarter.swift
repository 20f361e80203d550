import JSON
import Logging

/// Records a deployment and starts its builds: the record first, then all builds at once, then what came of them.
struct DeploymentStarter: Sendable {
    /// How often a new id is drawn when one is taken, or room is made again when a quota has none.
    private static let attempts = 20
    /// A quota notices a removal a moment later, so a removal is given this long before the next one.
    private static let quotaDelays: [Duration] = [
        .milliseconds(50), .milliseconds(100), .milliseconds(200), .milliseconds(400), .milliseconds(800),
        .milliseconds(1_600),
    ]

    let configs: any ToolConfigStore
    let store: any DeploymentStore
    let driver: DeploymentDriver
    let remover: DeploymentRemover
    let maximumRetained: Int
    let environment: DeploymentEnvironment
    let observers: [any DeploymentObserver]
    let logger: Logger

    /// See `ComponentsOperations.deploy`.
    func deploy(_ tool: ToolName) async throws(ComponentsError) -> StartedDeployment {
        let (document, entries) = try await readConfigAndNames(of: tool)
        guard let document else {
            try await configs.requireTool(tool)
            throw .configMissing(tool)
        }
        let reader = ConfigReader(document)
        guard let config = reader.config else { throw .storedConfigInvalid(reader.problems) }

        let record: DeploymentRecord
        do {
            // Room is made before, so that a quota of exactly as many as are kept holds too.
            let surplus = Retention(entries).surplus(keeping: maximumRetained - 1)
            try await remover.remove(surplus, of: tool)
            record = try await create(config, document, tool, justRemoved: !surplus.isEmpty)
        } catch {
            throw ComponentsError(error, tool: tool, what: "the new deployment")
        }
        return try await startBuilds(of: record)
    }

    private func readConfigAndNames(
        of tool: ToolName
    ) async throws(ComponentsError) -> (JSONValue?, [DeploymentEntry]) {
        do throws(StoreError) {
            async let document = result { () throws(StoreError) in try await configs.read(tool) }
            async let entries = result { () throws(StoreError) in try await store.list(tool) }
            return (try await document.get(), try await entries.get())
        } catch {
            throw ComponentsError(error, tool: tool, what: "the config")
        }
    }

    private func create(
        _ config: ToolConfig, _ document: JSONValue, _ tool: ToolName, justRemoved: Bool
    ) async throws(StoreError) -> DeploymentRecord {
        var delays = justRemoved ? Self.quotaDelays[...] : []
        for _ in 0..<Self.attempts {
            do {
                let record = try await store.create(request(for: config, document, tool))
                logger.info(
                    "deployment recorded",
                    metadata: [
                        "tool": "\(tool)", "deployment": "\(record.request.identity.id)",
                        "builds": "\(record.request.builds.count)",
                    ])
                observers.tell(.recorded(record))
                return record
            } catch .exists {
                continue
            } catch .full(let reason) {
                if let delay = delays.popFirst() {
                    await environment.sleep(delay)
                    continue
                }
                let entries = try await store.list(tool)
                guard let oldest = Retention(entries).surplus(keeping: entries.count - 1).first else {
                    throw .full(reason: reason)
                }
                try await remover.remove([oldest], of: tool)
                delays = Self.quotaDelays[...]
            }
        }
        throw .conflict
    }

    private func request(for config: ToolConfig, _ document: JSONValue, _ tool: ToolName) -> DeploymentRequest {
        let id = DeploymentNames.deployment(of: tool, at: environment.now(), random: environment.random())
        let identity = DeploymentIdentity(id: id, tool: tool)
        let builds = config.components.compactMap { component -> PlannedBuild? in
            guard case .repository(let repository, let ref) = component.source else { return nil }
            return PlannedBuild(
                component: component.name, id: DeploymentNames.build(of: component.name, deployment: identity),
                repository: repository, ref: ref)
        }
        return DeploymentRequest(identity: identity, config: document, builds: builds)
    }

    /// From here on the deployment stands: whatever goes wrong is told beside it, and the next `GET` makes up for it.
    private func startBuilds(of record: DeploymentRecord) async throws(ComponentsError) -> StartedDeployment {
        let identity = record.request.identity
        let findings: DeploymentDriver.Findings
        do {
            findings = try await driver.drive(record, origin: .justRecorded)
        } catch {
            throw ComponentsError(error, tool: identity.tool, what: "the deployment \(identity.id)")
        }
        async let trimmed: Void = trim(identity)
        let settled = await result { () throws(StoreError) in
            try await driver.settle(record, findings, origin: .justRecorded)
        }
        await trimmed
        switch settled {
        case .success(let record?):
            return StartedDeployment(deployment: record.deployment)
        case .success(nil):
            throw .superseded(id: identity.id)
        case .failure(let error):
            logger.warning(
                "the first status was not stored",
                metadata: ["tool": "\(identity.tool)", "deployment": "\(identity.id)", "error": "\(error)"])
            var computed = record
            computed.status = DeploymentStep(record, findings: findings).status
            return StartedDeployment(
                deployment: computed.deployment,
                warnings: [
                    "the deployment is recorded and its builds are as shown, but the cluster did not confirm that this "
                        + "was noted; ask for the deployment to have it noted"
                ])
        }
    }

    /// Looks once more: simultaneous deploys did not see each other's records when they made room.
    ///
    /// A failure is left to the next deploy: there is room enough for this one.
    private func trim(_ own: DeploymentIdentity) async {
        do {
            let entries = try await store.list(own.tool)
            try await remover.remove(
                Retention(entries).surplus(keeping: maximumRetained, excluding: own.id), of: own.tool)
        } catch {
            logger.warning(
                "old deployments were not removed",
                metadata: ["tool": "\(own.tool)", "deployment": "\(own.id)", "error": "\(error)"])
        }
    }

    private func result<Output: Sendable>(
        _ operation: () async throws(StoreError) -> Output
    ) async -> Result<Output, StoreError> {
        do {
            return .success(try await operation())
        } catch {
            return .failure(error)
        }
    }
}
