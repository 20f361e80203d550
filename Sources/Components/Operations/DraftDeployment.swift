import JSON

/// Makes the draft of a deployment that is asked for: reads or fetches its config, looks up its commits, and finds what needs no
/// build.
struct DraftDeployment: Sendable {
    let configs: any ToolConfigStore
    let lookup: ConfigLookup
    let fetch: FetchConfig
    let store: any DeploymentStore
    /// `nil`: refs are left to the builder.
    let commits: (any CommitResolver)?
    let goodBuilds: any ToolBuildsStore
    let builds: any BuildService
    /// `nil`: nothing is known of images.
    let registry: (any ImageRegistry)?

    /// What is deployed, as it was read.
    enum Basis: Sendable {
        /// The config that counts, if there is one.
        case config(ConfigRecord?)
        /// The earlier deployment, if there is one of that id.
        case deployment(DeploymentRecord?)
    }

    /// Reads what is deployed: the one read that a draft needs, and another one where the config may be imported.
    func basis(_ options: DeploymentOptions, of tool: ToolName) async throws(ClusterFailure) -> Basis {
        guard case .deployment(let id) = options.selection else {
            return .config(try await lookup(tool))
        }
        guard DeploymentNames.isDeployment(id, of: tool) else { return .deployment(nil) }
        return .deployment(try await store.read(id, of: tool))
    }

    /// What a failure of `basis` is about.
    func subject(_ options: DeploymentOptions, of tool: ToolName) -> OperationSubject {
        guard case .deployment(let id) = options.selection else { return .config(of: tool) }
        return .deployment(DeploymentIdentity(id: id, tool: tool))
    }

    /// The draft, without any look-up; the config is fetched, if it names where from.
    ///
    /// - Throws: `ComponentsError.configMissing`, `.storedConfigInvalid`, `.configUnavailable`, or `.optionsInvalid` for what does not fit.
    func draft(
        _ options: DeploymentOptions, from basis: Basis, of tool: ToolName
    ) async throws(ComponentsError) -> DeploymentDraft {
        switch basis {
        case .config(let record?):
            return try DeploymentDraft(
                try await fetch(record.document, from: record.origin), options)
        case .deployment(let earlier?):
            // Where that was fetched, it is not fetched again.
            let origin = earlier.request.configFetch.map { ConfigOrigin.fetched($0.url) } ?? .stored
            return try DeploymentDraft(
                EffectiveConfig(
                    reading: earlier.request.config, from: origin, fetch: earlier.request.configFetch),
                options, earlier: earlier)
        case .config(nil):
            try await configs.requireTool(tool)
            throw .configMissing(tool)
        case .deployment(nil):
            try await configs.requireTool(tool)
            guard case .deployment(let id) = options.selection else { throw .configMissing(tool) }
            throw .optionsInvalid([
                OptionProblem(
                    "from is \(id.quotedForMessage), and the tool \(tool) has no deployment of that id: it may never have been, or "
                        + "newer ones may have taken its place.", at: ["from"])
            ])
        }
    }

    /// The newest good builds, where a draft needs them.
    func newestGoodBuilds(of tool: ToolName) async -> Result<ToolBuilds, ClusterFailure> {
        await result(of: try await goodBuilds.readBuilds(of: tool)?.builds ?? ToolBuilds())
    }

    /// The draft with its commits, as far as they can be found out, and without the builds that are not needed, if the order
    /// says so.
    ///
    /// - Parameters:
    ///   - known: the newest good builds; `nil` if they were not read, because nothing is left out.
    ///   - records: the tool's deployments.
    func resolve(
        _ draft: DeploymentDraft, _ options: DeploymentOptions, of tool: ToolName,
        known: Result<ToolBuilds, ClusterFailure>?, records: [DeploymentRecord]
    ) async -> DeploymentDraft {
        var draft = draft
        if let commits { draft.resolve(await commits.resolve(draft.unresolved)) }
        guard options.maySkip, let known else { return draft }
        guard let registry else {
            draft.warn(
                "Every component is built, also what has not changed: this service is not told which image registry to ask "
                    + "(HARBOR_URL).")
            return draft
        }
        guard let goodBuilds = try? known.get() else {
            draft.warn("Every component is built, also what has not changed: the newest good builds could not be read.")
            return draft
        }
        let unchanged = UnchangedBuilds(goodBuilds: goodBuilds, records: records, builder: { builds.builder(for: $0) })
        var candidates: [String: (good: GoodBuild, digest: String)] = [:]
        for component in draft.building {
            switch unchanged.verdict(on: component, of: draft) {
            case .candidate(let good, let digest): candidates[component] = (good, digest)
            case .changed(let why): draft.build(component, because: why)
            }
        }
        let found = await registry.digests(of: candidates.keys.sorted(), of: tool)
        for (component, candidate) in candidates {
            let image = found[component] ?? .missing
            if let objection = UnchangedBuilds.objection(image, to: candidate.digest) {
                draft.build(component, because: objection)
            } else {
                draft.take(candidate.good, for: component)
            }
        }
        let unknown = found.filter { if case .unknown = $0.value { true } else { false } }.keys.sorted()
        if let first = unknown.first, case .unknown(let why) = found[first] {
            draft.warn(
                "Whether \(unknown.joined(separator: ", ")) changed is not known (\(why)): it is built.")
        }
        return draft
    }

    /// Ensures that there is a place for the images of what is built.
    ///
    /// - Returns: what the user should know: sentences.
    func prepareRegistry(for draft: DeploymentDraft, of tool: ToolName) async -> [String] {
        guard let registry, !draft.building.isEmpty, let why = await registry.prepare(for: tool) else { return [] }
        return [
            "Whether the image registry has a project for the tool \(tool) is not known (\(why)): if it has none, the builds fail "
                + "when they are done."
        ]
    }
}

extension ImageRegistry {
    /// Asks for all of them at the same time.
    fileprivate func digests(of components: [String], of tool: ToolName) async -> [String: ImageDigest] {
        await withTaskGroup { group in
            for component in components {
                group.addTask { (component, await digest(of: component, of: tool)) }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }
}
