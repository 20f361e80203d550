import JSON
import Logging

/// Records a deployment and starts its builds: the record first, then all builds at once, then what came of them.
struct DeploymentStarter: Sendable {
    /// How often a new id is drawn when one is taken, or a quota asked again.
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
    func deploy(_ tool: ToolName, key: IdempotencyKey?) async throws(ComponentsError) -> StartedDeployment {
        let keyed = key.map { DeploymentIdentity(id: DeploymentNames.deployment(of: tool, key: $0), tool: tool) }
        let (config, names) = await readConfigAndNames(of: tool)
        let entries = try told(names, of: tool)
        // The config of this moment is not asked for: it may be another by now, or gone.
        if let keyed, entries.contains(where: { $0.id == keyed.id }), let replay = try await replayer.replay(keyed) {
            return replay
        }
        guard let document = try told(config, of: tool) else {
            try await configs.requireTool(tool)
            throw .configMissing(tool)
        }
        let reader = ConfigReader(document)
        guard let config = reader.config else {
            throw .storedConfigInvalid(reader.problems, warnings: reader.warnings)
        }

        // Room is made before, so that a quota of exactly as many as are kept holds too.
        let surplus = Retention(entries).surplus(keeping: maximumRetained - 1)
        try await makeRoom(surplus, for: tool)
        for _ in 0..<Self.attempts {
            let record = try await create(config, document, tool, keyed, justRemoved: !surplus.isEmpty)
            if let record { return try await startBuilds(of: record) }
            // Another request with the same key was faster; unless that one's record is gone already.
            if let keyed, let replay = try await replayer.replay(keyed) { return replay }
        }
        throw .contended(what: "the new deployment")
    }

    private var replayer: DeploymentReplayer { DeploymentReplayer(store: store, driver: driver) }

    private func readConfigAndNames(
        of tool: ToolName
    ) async -> (config: Result<JSONValue?, StoreError>, names: Result<[DeploymentEntry], StoreError>) {
        async let document = result { () throws(StoreError) in try await configs.read(tool)?.document }
        async let entries = result { () throws(StoreError) in try await store.list(tool) }
        return (await document, await entries)
    }

    private func told<Value>(
        _ result: Result<Value, StoreError>, of tool: ToolName
    ) throws(ComponentsError) -> Value {
        do {
            return try result.get()
        } catch {
            throw ComponentsError(error, tool: tool, what: "the config")
        }
    }

    /// The new record; `nil` if the id that a key gives is another request's.
    private func create(
        _ config: ToolConfig, _ document: JSONValue, _ tool: ToolName, _ keyed: DeploymentIdentity?, justRemoved: Bool
    ) async throws(ComponentsError) -> DeploymentRecord? {
        var delays = justRemoved ? Self.quotaDelays[...] : []
        var failure = StoreError.conflict
        var lastRemoval: QuotaRemoval?
        for _ in 0..<Self.attempts {
            let request = request(for: config, document, tool, keyed)
            let result = await result { () throws(StoreError) in try await store.create(request) }
            switch result {
            case .success(let record):
                logger.info(
                    "deployment recorded",
                    metadata: [
                        "tool": "\(tool)", "deployment": "\(record.request.identity.id)",
                        "builds": "\(record.request.builds.count)",
                    ])
                observers.tell(.recorded(record))
                return record
            case .failure(.exists):
                guard keyed == nil else { return nil }
                failure = .exists
            case .failure(.conflict):
                // Others are being counted by the same quota at the same moment.
                failure = .conflict
                await environment.sleep(Self.quotaDelays[0])
            case .failure(.full(let reason, let usage, let allowsNone)):
                // It may be the other request's record that fills it, and nothing has to make room for that one.
                if let keyed, try await replayer.isRecorded(keyed) { return nil }
                failure = .full(reason: reason)
                // No deployment is given up for nothing.
                guard !allowsNone else { throw ComponentsError(failure, tool: tool, what: "the new deployment") }
                // A quota counts what was removed a moment later, and then says another number.
                let hasCounted = lastRemoval.map { $0.usage != usage } ?? false
                if !hasCounted, let delay = delays.popFirst() {
                    await environment.sleep(delay)
                } else {
                    lastRemoval = try await removeOldest(of: tool, because: failure, usage, after: lastRemoval)
                    delays = Self.quotaDelays[...]
                }
            case .failure(let error):
                throw Self.unrecorded(request.identity, error)
            }
        }
        throw ComponentsError(failure, tool: tool, what: "the new deployment")
    }

    /// Whether the record was stored may not be known: with its id the user can look, and that look starts its builds.
    private static func unrecorded(_ identity: DeploymentIdentity, _ error: StoreError) -> ComponentsError {
        guard case .unavailable(let reason, let retryAfter) = error else {
            return ComponentsError(error, tool: identity.tool, what: "the deployment \(identity.id)")
        }
        return .unavailable(
            reason:
                "\(reason) (if the deployment \(identity.id) was recorded all the same, asking for it starts its builds)",
            retryAfter: retryAfter)
    }

    /// A deployment that was removed because of a quota.
    private struct QuotaRemoval {
        /// What the quota said of its use.
        let usage: String
        /// How many deployments there were before.
        let count: Int
    }

    /// Removes the oldest deployment, unless the last removal has shown that this is no help: there are fewer now, and
    /// the quota, asked until it must have counted again, says word for word what it said before.
    private func removeOldest(
        of tool: ToolName, because failure: StoreError, _ usage: String, after last: QuotaRemoval?
    ) async throws(ComponentsError) -> QuotaRemoval {
        let entries: [DeploymentEntry]
        do {
            entries = try await store.list(tool)
        } catch {
            throw ComponentsError(error, tool: tool, what: "the new deployment")
        }
        let isNoHelp = last.map { $0.usage == usage && entries.count < $0.count } ?? false
        guard !isNoHelp, let oldest = Retention(entries).surplus(keeping: entries.count - 1).first else {
            throw ComponentsError(failure, tool: tool, what: "the new deployment")
        }
        try await makeRoom([oldest], for: tool)
        return QuotaRemoval(usage: usage, count: entries.count)
    }

    /// Removes old deployments.
    ///
    /// What goes wrong is said of them: nothing of a new one is stored yet.
    private func makeRoom(_ surplus: [DeploymentEntry], for tool: ToolName) async throws(ComponentsError) {
        do {
            try await remover.remove(surplus, of: tool)
        } catch .timedOut {
            throw .timedOut(
                reason: "an old deployment could not be removed in time, and no new one was started; try again")
        } catch {
            throw ComponentsError(error, tool: tool, what: "an old deployment that has to make room")
        }
    }

    private func request(
        for config: ToolConfig, _ document: JSONValue, _ tool: ToolName, _ keyed: DeploymentIdentity?
    ) -> DeploymentRequest {
        if let keyed {
            let nonce = String(environment.nonce(), radix: 16)
            return DeploymentRequest(config, document: document, identity: keyed, nonce: nonce)
        }
        let id = DeploymentNames.deployment(of: tool, at: environment.now(), random: environment.random())
        return DeploymentRequest(config, document: document, identity: DeploymentIdentity(id: id, tool: tool))
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
        async let outnumbered = trim(identity)
        let settled = await result { () throws(StoreError) in
            try await driver.settle(record, findings, origin: .justRecorded)
        }
        guard await !outnumbered else { throw .superseded(id: identity.id) }
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
            computed.status = DeploymentStep(record, findings: findings.mapValues(\.asFarAsNothingIsNoted)).status
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
    /// - Returns: whether as many newer deployments as are kept have taken this one's place.
    private func trim(_ own: DeploymentIdentity) async -> Bool {
        var isOutnumbered = false
        do {
            let surplus = Retention(try await store.list(own.tool)).surplus(keeping: maximumRetained)
            isOutnumbered = surplus.contains { $0.id == own.id }
            try await remover.remove(surplus, of: own.tool)
        } catch {
            logger.warning(
                "old deployments were not removed",
                metadata: ["tool": "\(own.tool)", "deployment": "\(own.id)", "error": "\(error)"])
        }
        return isOutnumbered
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

extension DeploymentStep.Finding {
    /// A refusal that is not noted is tried again by the next look: until then it must not be shown as an end.
    fileprivate var asFarAsNothingIsNoted: DeploymentStep.Finding {
        guard case .start(.refused(let reason)) = self else { return self }
        return .start(.unconfirmed(reason: reason))
    }
}
