import Logging

/// The shell around `DeploymentStep`: performs its actions, all at once, and stores what follows.
struct DeploymentDriver: Sendable {
    typealias Findings = [String: DeploymentStep.Finding]

    /// How often a status is computed again after somebody else has stored theirs.
    private static let attempts = 6
    /// How often a stray build is cancelled that could not be: nobody comes back for it.
    private static let cancellations = 2

    let store: any DeploymentStore
    let builds: any BuildService
    var observers: [any DeploymentObserver] = []
    var environment = DeploymentEnvironment.live
    let logger: Logger

    /// Looks at what has not ended, finishes what was begun, stores the status if it changed.
    ///
    /// - Returns: the record as it is stored now, or `nil` if it was removed meanwhile.
    func bringUpToDate(_ record: DeploymentRecord) async throws(StoreError) -> DeploymentRecord? {
        let findings = try await drive(record, origin: .read)
        return try await settle(record, findings, origin: .read)
    }

    /// Performs actions until none is left.
    func drive(_ record: DeploymentRecord, origin: DeploymentStep.Origin) async throws(StoreError) -> Findings {
        var findings = Findings()
        while true {
            let step = DeploymentStep(record, findings: findings, origin: origin)
            if step.actions.isEmpty { return findings }
            let results = await step.actions.concurrentMap { (action) throws(StoreError) in
                try await perform(action, of: record.request.identity)
            }
            for result in results {
                let (component, finding) = try result.get()
                findings[component] = finding
            }
        }
    }

    /// Stores the status that follows from the findings, computed again whenever somebody else was faster.
    ///
    /// - Returns: the record as it is stored now, or `nil` if it was removed; what was started for it is cancelled then.
    func settle(
        _ record: DeploymentRecord, _ findings: Findings, origin: DeploymentStep.Origin
    ) async throws(StoreError) -> DeploymentRecord? {
        var record = record
        for _ in 0..<Self.attempts {
            let status = DeploymentStep(record, findings: findings).status
            do {
                if status != record.status {
                    let previous = record.status
                    record = try await store.update(record, to: status)
                    tell(of: record, since: previous, findings, origin: origin)
                }
                await cancel(attempted(findings, of: record).filter { record.status[$0].phase.isTerminal }, of: record)
                return record
            } catch .absent {
                await cancel(attempted(findings, of: record), of: record)
                return nil
            } catch {
                // Whoever removed the record through this service has seen to its builds. Of another who did, nothing is
                // known, so a failure is passed on only where the record still stands.
                guard error == .conflict || !attempted(findings, of: record).isEmpty else { throw error }
                let current = try await store.read(record.request.identity.id, of: record.request.identity.tool)
                guard let current, current.identity == record.identity else {
                    await cancel(attempted(findings, of: record), of: record)
                    return nil
                }
                guard error == .conflict else { throw error }
                record = current
            }
        }
        throw .conflict
    }

    private func perform(
        _ action: DeploymentStep.Action, of deployment: DeploymentIdentity
    ) async throws(StoreError) -> (String, DeploymentStep.Finding) {
        switch action {
        case .observe(let build):
            let observation = try await builds.observe(build, of: deployment)
            return (build.component, observation.map { .present($0) } ?? .absent)
        case .start(let build):
            let start = await builds.start(build, of: deployment)
            if start != .started {
                var metadata = metadata(build, deployment)
                metadata["outcome"] = "\(start)"
                logger.warning("build was not started", metadata: metadata)
            }
            return (build.component, .start(start))
        }
    }

    /// The builds that were asked to start here and may run: strays, if the record says something else.
    private func attempted(_ findings: Findings, of record: DeploymentRecord) -> [PlannedBuild] {
        record.request.builds.filter { build in
            switch findings[build.component] {
            case .start(.started), .start(.unconfirmed): true
            case .start(.refused), .absent, .present, nil: false
            }
        }
    }

    /// Cancels builds that nothing accounts for; a failure is logged.
    private func cancel(_ strays: [PlannedBuild], of record: DeploymentRecord) async {
        await withTaskGroup { group in
            for build in strays {
                group.addTask {
                    for _ in 0..<Self.cancellations {
                        do {
                            try await builds.prevent(build, of: record.request.identity)
                            logger.notice(
                                "stray build cancelled", metadata: metadata(build, record.request.identity))
                            return
                        } catch {
                            var metadata = metadata(build, record.request.identity)
                            metadata["error"] = "\(error)"
                            logger.error("stray build was not cancelled", metadata: metadata)
                        }
                    }
                }
            }
        }
    }

    /// Tells what the store has just taken, to the log and to the observers.
    private func tell(
        of record: DeploymentRecord, since previous: DeploymentStatus, _ findings: Findings,
        origin: DeploymentStep.Origin
    ) {
        let identity = record.request.identity
        if origin == .read, previous.builds.isEmpty { observers.tell(.resumed(record)) }
        let ended = record.request.builds.filter {
            record.status[$0].phase.isTerminal && !previous[$0].phase.isTerminal
        }
        for build in ended { observers.tell(.buildEnded(build, record.status[build], of: identity)) }
        let phase = record.status.phase(of: record.request)
        guard phase.isTerminal else { return }
        logger.info(
            "deployment ended",
            metadata: ["tool": "\(identity.tool)", "deployment": "\(identity.id)", "phase": "\(phase.rawValue)"])
        // Whatever ended before this look had ended before these.
        let ends = ended.map { build in
            if case .present(let observation) = findings[build.component], let end = observation.endedAt { return end }
            return environment.now()
        }
        observers.tell(.ended(record, at: ends.max() ?? environment.now()))
    }

    private func metadata(_ build: PlannedBuild, _ deployment: DeploymentIdentity) -> Logger.Metadata {
        ["tool": "\(deployment.tool)", "deployment": "\(deployment.id)", "build": "\(build.id)"]
    }
}
