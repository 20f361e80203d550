import Logging

import struct Foundation.Date

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
    let keeper: GoodBuildKeeper
    var limits = DeploymentLimits()
    var observers: [any DeploymentObserver] = []
    var clock: any ClusterClock = SystemClock()
    let logger: Logger

    /// A build as it is known without asking the cluster; `nil` if it is not known.
    typealias Knowledge = @Sendable (PlannedBuild) -> BuildObservation?

    /// Observes every build that has not ended, finishes what was begun, and stores the status if it changed.
    ///
    /// - Parameter known: what is known of its builds; the cluster is asked for the others.
    /// - Returns: the record as it is stored now, or `nil` if it was removed concurrently.
    func bringUpToDate(
        _ record: DeploymentRecord, known: @escaping Knowledge = { _ in nil }
    ) async throws(ClusterFailure) -> DeploymentRecord? {
        let driven = try await drive(record, origin: .read, known: known)
        let settled = try await settle(record, driven)
        guard driven.step(of: record).isClaim, let settled else { return settled }
        return try await settle(settled, try await drive(settled, origin: .read, known: known))
    }

    /// Stores the decision to stop, and then ends all builds at once.
    ///
    /// - Returns: the record as it is stored now, with its builds as far as they are known to have ended; `nil` if it is gone. One
    ///   that had ended or was told to stop before is returned as it is.
    func stop(
        _ record: DeploymentRecord, reason: Reason, by: String?
    ) async throws(ClusterFailure) -> DeploymentRecord? {
        var record = record
        for _ in 0..<Self.attempts {
            guard !record.phase.isTerminal, record.status.stop == nil else { return record }
            let stop = DeploymentStop(reason: reason, by: by, at: now())
            var status = record.status
            status.stop = stop
            do {
                let previous = record.status
                record = try await store.update(record, to: status)
                logger.info("deployment is stopped", metadata: metadata(of: record, ["reason": "\(reason.rawValue)"]))
                observers.notify(.stopped(record))
                let driven: Driven
                do {
                    driven = try await drive(record, origin: .justStopped)
                } catch {
                    // It is decided: whoever looks at the deployment next, or the engine, ends what could not be ended now.
                    logger.warning("builds were not ended yet", metadata: metadata(of: record, ["error": "\(error)"]))
                    notifyIfEnded(record, since: previous)
                    return record
                }
                return try await settle(record, driven, since: previous)
            } catch .absent {
                return nil
            } catch .conflict {
                guard let current = try await store.read(record.request.identity.id, of: record.request.identity.tool),
                    current.identity == record.identity
                else { return nil }
                record = current
            }
        }
        throw .conflict
    }

    /// Performs actions until none is left.
    func drive(
        _ record: DeploymentRecord, origin: DeploymentStep.Origin, known: @escaping Knowledge = { _ in nil }
    ) async throws(ClusterFailure) -> Driven {
        var driven = Driven(
            circumstances: DeploymentStep.Circumstances(origin: origin, now: now(), limits: limits))
        while true {
            let actions = driven.step(of: record).actions
            if actions.isEmpty { return driven }
            let results = await actions.concurrentMap { (action) throws(ClusterFailure) in
                if case .observe(let build) = action, let observation = known(build) {
                    return Outcome.finding(component: build.component, .present(observation))
                }
                return try await perform(action, of: record)
            }
            var failure: ClusterFailure?
            for result in results {
                switch result {
                case .success(.finding(let component, let finding)): driven.findings[component] = finding
                case .success(.others(let records)): driven.circumstances.others = records
                case .success(.superseded): driven.circumstances.hasSuperseded = true
                case .failure(let error): failure = error
                }
            }
            if let failure {
                // What was started is accounted for, although not all is known.
                if !attempted(driven.findings, of: record).isEmpty { _ = try? await settle(record, driven) }
                throw failure
            }
        }
    }

    /// The time by the cluster's clock, as precise as it is stored.
    private func now() -> Date { Date(microsecondsSince1970: clock.now().microsecondsSince1970) }

    /// The result of an action.
    private enum Outcome {
        case finding(component: String, DeploymentStep.Finding)
        case others([DeploymentRecord])
        case superseded
    }

    /// Stores the status that follows from the findings; after a conflict it is computed again.
    ///
    /// - Returns: the record as it is stored now, or `nil` if it was removed; the builds started for it are then cancelled.
    ///
    /// - Parameter previous: the status of which observers know, if that is not the record's.
    func settle(
        _ record: DeploymentRecord, _ driven: Driven, since previous: DeploymentStatus? = nil
    ) async throws(ClusterFailure) -> DeploymentRecord? {
        var record = record
        var driven = driven
        for _ in 0..<Self.attempts {
            let status = driven.step(of: record).status
            do {
                let before = previous ?? record.status
                if status != record.status {
                    try await keeper.note(status, of: record)
                    record = try await store.update(record, to: status)
                }
                notify(of: record, since: before, driven)
                await cancelStrays(of: record, &driven)
                return record
            } catch .absent {
                await cancel(attempted(driven.findings, of: record), of: record)
                return nil
            } catch {
                // A removal through this service has ended the builds; any other has not. So the failure is passed on
                // only if the record still exists.
                guard error == .conflict || !attempted(driven.findings, of: record).isEmpty else { throw error }
                let current = try await store.read(record.request.identity.id, of: record.request.identity.tool)
                guard let current, current.identity == record.identity else {
                    await cancel(attempted(driven.findings, of: record), of: record)
                    return nil
                }
                // First, because what follows may fail, or begins with new findings.
                await cancelStrays(of: current, &driven)
                guard error == .conflict else { throw error }
                // Somebody decided to stop it: what was started here has to end too.
                if current.status.stop != nil, record.status.stop == nil, !current.phase.isTerminal {
                    do {
                        driven = try await drive(current, origin: .justStopped)
                    } catch {
                        await cancel(attempted(driven.findings, of: current), of: current)
                        throw error
                    }
                }
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
        case .listOthers:
            return .others(
                try await store.listRecords(deployment.tool).compactMap(\.record)
                    .filter { $0.request.identity != deployment })
        case .supersede(let older):
            let results = await older.concurrentMap { (other) throws(ClusterFailure) in
                _ = try await stop(other, reason: .superseded, by: deployment.id)
            }
            for result in results { try result.get() }
            return .superseded
        case .observe(let build):
            let observation = try await builds.observe(build, of: deployment)
            return .finding(component: build.component, observation.map { .present($0) } ?? .absent)
        case .explain(let build, let observation):
            async let tail = logTail(of: build, in: record, ended: observation)
            var explained = await builds.explain(observation, of: build, in: deployment)
            explained = explained.explained(by: await tail ?? observation.logTail)
            // A line of the log may be part of it, and what a watch has seen is as the cluster says it.
            explained.message = build.options.concealed(explained.message)
            return .finding(component: build.component, .explained(explained))
        case .abandon(let build):
            return .finding(component: build.component, .prevented)
        case .cancel(let build):
            // The cluster removes the log of what is cancelled.
            let tail = await logTail(of: build, in: record, ended: nil)
            let observation = try await builds.cancel(build, of: deployment)
            return .finding(component: build.component, observation.map { .present($0.ending(tail)) } ?? .absent)
        case .prevent(let build):
            let tail = await logTail(of: build, in: record, ended: nil)
            let observation = try await builds.prevent(build, of: deployment)
            logger.notice("build prevented", metadata: metadata(build, deployment))
            // One that existed and could end in its own way has to be followed; but only where it is sure to be.
            guard let observation, record.status.stop != nil || observation.phase.isTerminal else {
                return .finding(component: build.component, .prevented)
            }
            return .finding(component: build.component, .present(observation.ending(tail)))
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

    /// The end of the log of a build that ended badly, or runs and is to be ended; `nil` for any other, and if it was kept before.
    private func logTail(
        of build: PlannedBuild, in record: DeploymentRecord, ended observation: BuildObservation?
    ) async -> BuildLogTail? {
        let noted = record.status[build]
        // One that goes on is looked at too, once: what it waits for. Its log ends later.
        let isWanted =
            observation.map { $0.phase.isTerminal && $0.phase != .succeeded } ?? (noted.phase == .running)
        guard isWanted, noted.logTail == nil, observation?.logTail == nil else { return nil }
        return await builds.logTail(
            of: build, in: record.request.identity, ended: observation,
            limit: BuildLogTail.limit(ofBuilds: record.request.builds.count),
            hiding: SecretValues(ofBuilds: record.request.builds))
    }

    /// The builds that were asked to start here and may run: strays, if the record says otherwise.
    private func attempted(_ findings: [String: DeploymentStep.Finding], of record: DeploymentRecord) -> [PlannedBuild]
    {
        record.request.builds.filter { build in
            switch findings[build.component] {
            case .start(.started), .start(.unconfirmed): true
            case .start(.refused), .start(.deferred), .absent, .present, .explained, .prevented, nil: false
            }
        }
    }

    /// Cancels what was started here of builds that had ended already, as the record says.
    private func cancelStrays(of record: DeploymentRecord, _ driven: inout Driven) async {
        let strays = attempted(driven.findings, of: record).filter { record.status[$0].phase.isTerminal }
        for build in await cancel(strays, of: record) { driven.findings[build.component] = nil }
    }

    /// Cancels builds that no record accounts for; a failure is logged.
    ///
    /// - Returns: those that were cancelled.
    @discardableResult
    private func cancel(_ strays: [PlannedBuild], of record: DeploymentRecord) async -> [PlannedBuild] {
        await withTaskGroup(of: PlannedBuild?.self) { group in
            for build in strays {
                group.addTask {
                    for _ in 0..<Self.cancellations {
                        do {
                            try await builds.prevent(build, of: record.request.identity)
                            logger.notice(
                                "stray build cancelled", metadata: metadata(build, record.request.identity))
                            return build
                        } catch {
                            var metadata = metadata(build, record.request.identity)
                            metadata["error"] = "\(error)"
                            logger.error("stray build was not cancelled", metadata: metadata)
                        }
                    }
                    return nil
                }
            }
            return await group.reduce(into: []) { cancelled, build in if let build { cancelled.append(build) } }
        }
    }

    /// Reports what was just stored to the log and the observers.
    private func notify(
        of record: DeploymentRecord, since previous: DeploymentStatus, _ driven: Driven
    ) {
        guard record.status != previous else { return }
        let identity = record.request.identity
        if driven.circumstances.origin == .read, previous.builds.isEmpty { observers.notify(.resumed(record)) }
        let ended = record.request.builds.filter {
            record.status[$0].phase.isTerminal && !previous[$0].phase.isTerminal
        }
        for build in ended { observers.notify(.buildEnded(build, record.status[build], of: identity)) }
        notifyIfEnded(record, since: previous)
    }

    /// Reports the end of a deployment, if it is what was just stored.
    private func notifyIfEnded(_ record: DeploymentRecord, since previous: DeploymentStatus) {
        guard record.phase.isTerminal, !previous.phase(of: record.request).isTerminal else { return }
        logger.info(
            "deployment ended",
            metadata: metadata(
                of: record,
                [
                    "phase": "\(record.phase.rawValue)",
                    "reason": "\(record.status.reason(of: record.request)?.rawValue ?? "")",
                ]))
        let ends = record.request.builds.compactMap { record.status[$0].ended }
        observers.notify(.ended(record, at: ends.max() ?? clock.now()))
    }

    private func metadata(of record: DeploymentRecord, _ more: Logger.Metadata) -> Logger.Metadata {
        let identity = record.request.identity
        return ["tool": "\(identity.tool)", "deployment": "\(identity.id)"].merging(more) { $1 }
    }

    private func metadata(_ build: PlannedBuild, _ deployment: DeploymentIdentity) -> Logger.Metadata {
        ["tool": "\(deployment.tool)", "deployment": "\(deployment.id)", "build": "\(build.id)"]
    }
}

extension BuildObservation {
    /// The same, asked to end, if it has not ended yet, with what was read of its log before.
    fileprivate func ending(_ tail: BuildLogTail?) -> Self {
        var observation = self
        observation.isEnding = true
        observation.logTail = tail
        return observation
    }
}
