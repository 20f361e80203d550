import Logging

/// The shell around `DeploymentStep`: performs its actions, all at once, and stores what follows.
struct DeploymentDriver: Sendable {
    /// What is known of a deployment after its actions were performed.
    struct Driven {
        /// What was observed of its builds, by component.
        var findings: [String: DeploymentStep.Finding] = [:]
        var circumstances: DeploymentStep.Circumstances

        /// The step that follows, from any version of the record.
        func step(of record: DeploymentRecord) -> DeploymentStep {
            DeploymentStep(record, findings: findings, circumstances)
        }
    }

    /// How often a status is computed again after somebody else has stored theirs.
    private static let attempts = 6
    /// How often the cancellation of a stray build is tried: no later request repeats it.
    private static let cancellations = 2

    let store: any DeploymentStore
    let builds: any BuildService
    var limits = DeploymentLimits()
    var observers: [any DeploymentObserver] = []
    var clock: any ClusterClock = SystemClock()
    let logger: Logger

    /// Observes every build that has not ended, finishes what was begun, and stores the status if it changed.
    ///
    /// - Returns: the record as it is stored now, or `nil` if it was removed concurrently.
    func bringUpToDate(_ record: DeploymentRecord) async throws(ClusterFailure) -> DeploymentRecord? {
        try await settle(record, try await drive(record, origin: .read))
    }

    /// Performs actions until none is left.
    func drive(_ record: DeploymentRecord, origin: DeploymentStep.Origin) async throws(ClusterFailure) -> Driven {
        var driven = Driven(
            circumstances: DeploymentStep.Circumstances(origin: origin, now: clock.now(), limits: limits))
        while true {
            let actions = driven.step(of: record).actions
            if actions.isEmpty { return driven }
            let results = await actions.concurrentMap { (action) throws(ClusterFailure) in
                try await perform(action, of: record)
            }
            for result in results {
                switch try result.get() {
                case .finding(let component, let finding): driven.findings[component] = finding
                case .newer(let records): driven.circumstances.newer = records
                }
            }
        }
    }

    /// The result of an action.
    private enum Outcome {
        case finding(component: String, DeploymentStep.Finding)
        case newer([DeploymentRecord])
    }

    /// Stores the status that follows from the findings; after a conflict it is computed again.
    ///
    /// - Returns: the record as it is stored now, or `nil` if it was removed; the builds started for it are then cancelled.
    func settle(
        _ record: DeploymentRecord, _ driven: Driven
    ) async throws(ClusterFailure) -> DeploymentRecord? {
        var record = record
        let findings = driven.findings
        for _ in 0..<Self.attempts {
            let status = driven.step(of: record).status
            do {
                if status != record.status {
                    let previous = record.status
                    record = try await store.update(record, to: status)
                    notify(of: record, since: previous, driven)
                }
                await cancel(attempted(findings, of: record).filter { record.status[$0].phase.isTerminal }, of: record)
                return record
            } catch .absent {
                await cancel(attempted(findings, of: record), of: record)
                return nil
            } catch {
                // A removal through this service has ended the builds; any other has not. So the failure is passed on
                // only if the record still exists.
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
        _ action: DeploymentStep.Action, of record: DeploymentRecord
    ) async throws(ClusterFailure) -> Outcome {
        let deployment = record.request.identity
        switch action {
        case .listNewer:
            return .newer(
                try await store.listRecords(deployment.tool).compactMap(\.record)
                    .filter { record.entry.isOlder(than: $0.entry) })
        case .observe(let build):
            let observation = try await builds.observe(build, of: deployment)
            return .finding(component: build.component, observation.map { .present($0) } ?? .absent)
        case .abandon(let build):
            return .finding(component: build.component, .prevented)
        case .prevent(let build):
            try await builds.prevent(build, of: deployment)
            logger.notice("build prevented", metadata: metadata(build, deployment))
            return .finding(component: build.component, .prevented)
        case .start(let build):
            let start = await builds.start(build, of: deployment)
            if start != .started {
                var metadata = metadata(build, deployment)
                metadata["outcome"] = "\(start)"
                logger.warning("build was not started", metadata: metadata)
            }
            return .finding(component: build.component, .start(start))
        }
    }

    /// The builds that were asked to start here and may run: strays, if the record says otherwise.
    private func attempted(_ findings: [String: DeploymentStep.Finding], of record: DeploymentRecord) -> [PlannedBuild]
    {
        record.request.builds.filter { build in
            switch findings[build.component] {
            case .start(.started), .start(.unconfirmed): true
            case .start(.refused), .absent, .present, .prevented, nil: false
            }
        }
    }

    /// Cancels builds that no record accounts for; a failure is logged.
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

    /// Reports what was just stored to the log and the observers.
    private func notify(
        of record: DeploymentRecord, since previous: DeploymentStatus, _ driven: Driven
    ) {
        let identity = record.request.identity
        if driven.circumstances.origin == .read, previous.builds.isEmpty { observers.notify(.resumed(record)) }
        let ended = record.request.builds.filter {
            record.status[$0].phase.isTerminal && !previous[$0].phase.isTerminal
        }
        for build in ended { observers.notify(.buildEnded(build, record.status[build], of: identity)) }
        let phase = record.status.phase(of: record.request)
        guard phase.isTerminal else { return }
        logger.info(
            "deployment ended",
            metadata: ["tool": "\(identity.tool)", "deployment": "\(identity.id)", "phase": "\(phase.rawValue)"])
        // Builds whose end was stored earlier ended before these.
        let ends = ended.map { build in
            if case .present(let observation) = driven.findings[build.component], let end = observation.endedAt {
                return end
            }
            return clock.now()
        }
        observers.notify(.ended(record, at: ends.max() ?? clock.now()))
    }

    private func metadata(_ build: PlannedBuild, _ deployment: DeploymentIdentity) -> Logger.Metadata {
        ["tool": "\(deployment.tool)", "deployment": "\(deployment.id)", "build": "\(build.id)"]
    }
}
