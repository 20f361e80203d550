import Logging

import struct Foundation.Date

/// Records a deployment and starts its builds: first the record, then all builds at once, then their status.
struct StartDeployment: Sendable {
    /// How often the record is created again: with a new id if one is taken, or after making room in a quota.
    private static let attempts = 20
    /// How far ahead of the cluster's clock, as it is read here, another replica's record may be: 5 s, in microseconds.
    private static let largestSkew = 5_000_000

    let store: any DeploymentStore
    let drafting: DraftDeployment
    let driver: DeploymentDriver
    let remover: DeploymentRemover
    let replay: ReplayDeployment
    let maximumRetained: Int
    let clock: any ClusterClock
    let randomness: Randomness
    let observers: [any DeploymentObserver]
    let logger: Logger

    /// See `ComponentsOperations.deploy`.
    func callAsFunction(
        _ tool: ToolName, _ order: DeploymentOrder
    ) async throws(ComponentsError) -> StartedDeployment {
        let keyed = order.key.map { DeploymentIdentity(id: DeploymentNames.deployment(of: tool, key: $0), tool: tool) }
        async let reading = result(of: try await drafting.basis(order.options, of: tool))
        async let listing = result(of: try await list(tool, order.options))
        async let knowing = order.options.maySkip ? drafting.newestGoodBuilds(of: tool) : nil
        let (basis, listed, known) = (await reading, await listing, await knowing)
        let (entries, records) = try await asking(about: .room(for: tool), try listed.get())
        // A replay does not depend on the config, which may have changed or be gone.
        if let keyed, entries.contains(where: { $0.id == keyed.id }),
            let replayed = try await replay(keyed, order.options)
        {
            return replayed
        }
        let draft = try await drafting.draft(
            order.options,
            from: try await asking(about: drafting.subject(order.options, of: tool), try basis.get()), of: tool)
        // Of what is refused nothing is recorded, and no older deployment makes room for it.
        try refuse(order.options, of: tool, besides: records, own: keyed)
        async let resolving = drafting.resolve(draft, order.options, of: tool, known: known, records: records)

        // Room is made first, so that a quota of exactly as many as are kept is enough.
        let surplus = Retention(entries).surplus(keeping: maximumRetained - 1)
        try await asking(about: .room(for: tool), try await remover.remove(surplus, of: tool))
        let resolved = await resolving
        async let preparing = drafting.prepareRegistry(for: resolved, of: tool)
        for _ in 0..<Self.attempts {
            let newest = entries.map(\.requestedAt).max()
            let record = try await create(keyed, tool, after: newest, hasRemoved: !surplus.isEmpty) { (identity, now) in
                let nonce = keyed == nil ? nil : String(randomness.nonce(), radix: 16)
                var request = resolved.request(identity, at: now, nonce: nonce)
                request.options = order.options
                request.requestedBy = order.requestedBy
                return request
            }
            if let record {
                var started = try await startBuilds(of: record)
                started.warnings = resolved.warnings + started.warnings + (await preparing)
                return started
            }
            // Another request with the same key was faster; unless its record is gone already.
            if let keyed, let replayed = try await replay(keyed, order.options) { return replayed }
        }
        throw .cluster(.conflict, about: keyed.map { .newDeployment($0) } ?? .room(for: tool))
    }

    /// The tool's deployments: with their contents only where these decide what is built, or whether anything is.
    private func list(
        _ tool: ToolName, _ options: DeploymentOptions
    ) async throws(ClusterFailure) -> ([DeploymentEntry], [DeploymentRecord]) {
        guard options.maySkip || options.overlap == .reject else { return (try await store.list(tool), []) }
        let listed = try await store.listRecords(tool)
        return (listed.map(\.entry), listed.compactMap(\.record))
    }

    /// Refuses a deployment that is not to overlap with one of these.
    ///
    /// - Parameter own: the record of a request with the same key, which is no other deployment.
    /// - Throws: `ComponentsError.overlaps` if the options reject overlaps, and one of these records has not ended.
    private func refuse(
        _ options: DeploymentOptions, of tool: ToolName, besides records: [DeploymentRecord], own: DeploymentIdentity?
    ) throws(ComponentsError) {
        guard options.overlap == .reject,
            let other = records.filter({ !$0.phase.isTerminal && $0.request.identity != own }).foremost
        else { return }
        throw .overlaps(tool, id: other.request.identity.id)
    }

    /// The new record; `nil` if another request has recorded the deployment of the same key.
    private func create(
        _ keyed: DeploymentIdentity?, _ tool: ToolName, after newest: Date?, hasRemoved: Bool,
        _ request: (DeploymentIdentity, Date) -> DeploymentRequest
    ) async throws(ComponentsError) -> DeploymentRecord? {
        var history = RoomStep.History(hasRemoved: hasRemoved)
        var failure = ComponentsError.cluster(.conflict, about: .room(for: tool))
        for _ in 0..<Self.attempts {
            let now = time(after: newest)
            let request = request(keyed ?? newIdentity(of: tool, at: now), now)
            do throws(ClusterFailure) {
                let record = try await store.create(request)
                logger.info(
                    "deployment recorded",
                    metadata: [
                        "tool": "\(tool)", "deployment": "\(record.request.identity.id)",
                        "builds": "\(record.request.builds.count)",
                        "requested-by": "\(record.request.requestedBy ?? tool.value)",
                    ])
                observers.notify(.recorded(record))
                return record
            } catch {
                failure = .cluster(error, about: .newDeployment(request.identity))
                switch error {
                case .exists:
                    guard keyed == nil else { return nil }
                case .conflict:
                    // The same quota is counting other creations at the same moment.
                    await clock.sleep(for: RoomStep.delays[0])
                case .full(let refusal):
                    // The record of another request with the same key may be what fills it: no other must go then.
                    if let keyed, try await replay.isRecorded(keyed) { return nil }
                    guard try await makeRoom(for: request, because: refusal, &history) else { throw failure }
                default:
                    throw failure
                }
            }
        }
        throw failure
    }

    /// The time of a new record: by the cluster's clock, and later than the tool's newest record.
    ///
    /// Replicas read the cluster's clock with an error of up to a second, so a later request could get an earlier time. A record
    /// that is further ahead was not made by this service, and changes no other record's time.
    private func time(after newest: Date?) -> Date {
        let now = clock.now().microsecondsSince1970
        guard let newest = newest?.microsecondsSince1970, newest >= now, newest - now < Self.largestSkew else {
            return Date(microsecondsSince1970: now)
        }
        return Date(microsecondsSince1970: newest + 1)
    }

    private func newIdentity(of tool: ToolName, at now: Date) -> DeploymentIdentity {
        let id = DeploymentNames.deployment(of: tool, at: now, random: randomness.number())
        return DeploymentIdentity(id: id, tool: tool)
    }

    /// Does what `RoomStep` says.
    /// - Returns: whether creating the record again may succeed.
    private func makeRoom(
        for request: DeploymentRequest, because refusal: QuotaRefusal, _ history: inout RoomStep.History
    ) async throws(ComponentsError) -> Bool {
        let tool = request.identity.tool
        var entries: [DeploymentEntry]?
        while true {
            let action = RoomStep(refusal, after: history, entries: entries).action
            switch action {
            case .list:
                let (found, records) = try await asking(
                    about: .room(for: tool), try await list(tool, request.options))
                // The record of another request with the same key: creating it again finds that.
                if found.contains(where: { $0.id == request.identity.id }) { return true }
                // One that was recorded since the first look is an overlap too. It does not make room.
                try refuse(request.options, of: tool, besides: records, own: request.identity)
                entries = found
                continue
            case .wait(let delay):
                await clock.sleep(for: delay)
            case .remove(let entry):
                try await asking(about: .room(for: tool), try await remover.remove([entry], of: tool))
            case .giveUp:
                return false
            }
            history.note(action, because: refusal, entries: entries)
            return true
        }
    }

    /// Starts the builds of a record that was just stored.
    ///
    /// From here on the deployment stands: failures are reported beside it, and the next `GET` makes up for them.
    private func startBuilds(of record: DeploymentRecord) async throws(ComponentsError) -> StartedDeployment {
        let identity = record.request.identity
        let driven = try await asking(
            about: .newDeployment(identity), try await driver.drive(record, origin: .justRecorded))
        if let other = driven.step(of: record).rejection {
            return StartedDeployment(deployment: try await takeBack(record, becauseOf: other).deployment)
        }
        async let outnumbered = trim(record)
        let settled = await result(of: try await driver.settle(record, driven))
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
            computed.status = driven.withoutRefusals.step(of: record).status
            return StartedDeployment(
                deployment: computed.deployment,
                warnings: [
                    "the deployment is recorded and its builds are as shown, but the cluster did not confirm that this "
                        + "was noted; ask for the deployment to have it noted"
                ])
        }
    }

    /// Takes back a record whose builds this request has not begun, unless somebody else has decided about it.
    ///
    /// Whoever begins its builds or stops it stores that first, so what is removed at the version that this request stored has
    /// nothing in the cluster.
    /// - Returns: the record as somebody else has decided.
    /// - Throws: `ComponentsError.overlaps` if there is none any more, or if it was stopped for another deployment.
    private func takeBack(
        _ record: DeploymentRecord, becauseOf other: String
    ) async throws(ComponentsError) -> DeploymentRecord {
        let identity = record.request.identity
        let overlap = ComponentsError.overlaps(identity.tool, id: other)
        do throws(ClusterFailure) {
            try await store.remove(record.entry, of: identity.tool, at: record.version)
        } catch .conflict {
            let current = try await asking(
                about: .deployment(identity), try await store.read(identity.id, of: identity.tool))
            guard let current, current.identity == record.identity, current.status.stop?.reason != .superseded else {
                throw overlap
            }
            return current
        } catch {
            throw .cluster(error, about: .deployment(identity))
        }
        observers.notify(.removed(record.entry, of: identity.tool))
        throw overlap
    }

    /// Removes what is too much once more: simultaneous deploys did not see each other's records when they made room.
    ///
    /// A failure is left to the next deploy: there is room enough for this one.
    /// - Returns: whether as many newer deployments as are kept have replaced this one.
    private func trim(_ record: DeploymentRecord) async -> Bool {
        let own = record.request.identity
        var isOutnumbered = false
        do {
            // Those that reject overlaps are about to take their records back: none makes room for these.
            let entries =
                record.request.options.overlap == .reject
                ? try await store.listRecords(own.tool).filter { $0.record?.yields(to: record) != true }.map(\.entry)
                : try await store.list(own.tool)
            let surplus = Retention(entries).surplus(keeping: maximumRetained)
            isOutnumbered = surplus.contains { $0.id == own.id }
            try await remover.remove(surplus, of: own.tool)
        } catch {
            logger.warning(
                "old deployments were not removed",
                metadata: ["tool": "\(own.tool)", "deployment": "\(own.id)", "error": "\(error)"])
        }
        return isOutnumbered
    }
}

extension DeploymentDriver.Driven {
    /// A refusal that is not stored is tried again by the next `GET`: until then it must not be shown as an end.
    fileprivate var withoutRefusals: Self {
        var driven = self
        driven.findings = findings.mapValues { finding in
            guard case .start(.refused(let reason)) = finding else { return finding }
            return .start(.unconfirmed(reason: reason))
        }
        return driven
    }
}
