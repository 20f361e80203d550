/// Finds the build of a component, and reads its log.
struct ReadBuildLog: Sendable {
    let configs: any ToolConfigStore
    let store: any DeploymentStore
    let logs: any BuildLogs
    let lookout: DeploymentLookout
    let clock: any ClusterClock

    /// See `ComponentsOperations.buildLog(of:in:of:_:)`.
    func callAsFunction(
        _ component: String, in id: String, of tool: ToolName, _ query: BuildLogQuery
    ) async throws(ComponentsError) -> BuildLog {
        let identity = DeploymentIdentity(id: id, tool: tool)
        // It begins before the record is read: nothing that is stored afterwards is missed.
        let follower = query.follow ? lookout.follow(identity) : nil
        let record = try await record(identity)
        let (build, reused) = try build(of: component, in: record.request)
        if let taken = build.taken {
            return try await earlierLog(of: taken, in: record, component: build.component, query)
                .after([reused, .isEarlierBuild(of: build.component, in: taken.deployment)].compactMap(\.self))
        }
        return try await log(of: build, in: record, follower: follower, query).after([reused].compactMap(\.self))
    }

    /// The log of an earlier build, which has ended; its record may have made room for newer ones, and its log with it.
    private func earlierLog(
        of taken: TakenBuild, in record: DeploymentRecord, component: String, _ query: BuildLogQuery
    ) async throws(ComponentsError) -> BuildLog {
        let identity = DeploymentIdentity(id: taken.deployment, tool: record.request.identity.tool)
        let earlier = try await asking(
            about: .deployment(identity), try await store.read(identity.id, of: identity.tool))
        guard let earlier, let build = earlier.request.builds.first(where: { $0.id == taken.build }) else {
            return BuildLog { body in try await body(.note(.gone(isKept: false))) }
        }
        return try await log(of: build, in: earlier, follower: nil, query)
    }

    private func log(
        of build: PlannedBuild, in record: DeploymentRecord, follower: DeploymentFollower?, _ query: BuildLogQuery
    ) async throws(ComponentsError) -> BuildLog {
        let identity = record.request.identity
        let status = record.status[build]
        if let why = status.neverStarted { return BuildLog { body in try await body(.note(.neverStarted(why))) } }
        var query = query
        query.secrets = SecretValues(ofConfig: record.request.config)
        query.isCreated = status.start == .created
        let wait =
            status.phase.isTerminal
            ? nil : follower.map { WaitingBuild(build, of: record, follower: $0, clock: clock) }
        let log = try await asking(
            about: .deployment(identity), try await logs.open(build, of: identity, query, wait: wait))
        let kept = status.logTail.map { Self.lines(of: $0, hiding: query.secrets) }
        return BuildLog { body in
            try await log.forEach { event in
                guard event == .note(.gone(isKept: false)), let kept else { return try await body(event) }
                try await body(kept)
                try await body(.note(.gone(isKept: true)))
            }
        }
    }

    private static func lines(of tail: BuildLogTail, hiding secrets: SecretValues) -> BuildLogEvent {
        .lines(
            step: tail.step, tail.lines.map { BuildLogLine(text: secrets.hidden(in: Array($0.utf8)[...])) })
    }

    private func record(_ identity: DeploymentIdentity) async throws(ComponentsError) -> DeploymentRecord {
        let (id, tool) = (identity.id, identity.tool)
        if DeploymentNames.isDeployment(id, of: tool),
            let record = try await asking(about: .deployment(identity), try await store.read(id, of: tool))
        {
            return record
        }
        try await configs.requireTool(tool)
        throw .deploymentMissing(tool, id: id)
    }

    /// The build of a component, or the one that it reuses.
    private func build(
        of component: String, in request: DeploymentRequest
    ) throws(ComponentsError) -> (PlannedBuild, BuildLogNote?) {
        let reader = ConfigReader(request.config, fetchedFrom: request.configFetch?.url)
        let components = reader.config?.components ?? []
        let name = components.first { $0.name == component }?.builder ?? component
        guard let build = request.builds.first(where: { $0.component == name }) else {
            let known = Set(request.deployed(of: components).map(\.name)).union(request.builds.map(\.component))
            throw .componentMissing(request.identity, component: component, known: known.sorted())
        }
        return (build, name == component ? nil : .isBuild(of: name))
    }
}

extension BuildLog {
    /// The same behind these notes.
    fileprivate func after(_ notes: [BuildLogNote]) -> BuildLog {
        guard !notes.isEmpty else { return self }
        return BuildLog { body in
            for note in notes { try await body(.note(note)) }
            try await forEach(body)
        }
    }
}
