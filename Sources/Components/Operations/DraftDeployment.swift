import JSON

/// Makes the draft of a deployment that is asked for: reads its config, and looks up its commits.
struct DraftDeployment: Sendable {
    let configs: any ToolConfigStore
    let store: any DeploymentStore
    /// `nil`: refs are left to the builder.
    let commits: (any CommitResolver)?

    /// What is deployed, as it was read.
    enum Basis: Sendable {
        /// The stored config, if there is one.
        case config(JSONValue?)
        /// The earlier deployment, if there is one of that id.
        case deployment(DeploymentRecord?)
    }

    /// Reads what is deployed: the one read that a draft needs.
    func basis(_ options: DeploymentOptions, of tool: ToolName) async throws(ClusterFailure) -> Basis {
        guard case .deployment(let id) = options.selection else {
            return .config(try await configs.read(tool)?.document)
        }
        guard DeploymentNames.isDeployment(id, of: tool) else { return .deployment(nil) }
        return .deployment(try await store.read(id, of: tool))
    }

    /// What a failure of `basis` is about.
    func subject(_ options: DeploymentOptions, of tool: ToolName) -> OperationSubject {
        guard case .deployment(let id) = options.selection else { return .config(of: tool) }
        return .deployment(DeploymentIdentity(id: id, tool: tool))
    }

    /// The draft, without any look-up.
    ///
    /// - Throws: `ComponentsError.configMissing`, `.storedConfigInvalid`, or `.optionsInvalid` for what does not fit.
    func draft(
        _ options: DeploymentOptions, from basis: Basis, of tool: ToolName
    ) async throws(ComponentsError) -> DeploymentDraft {
        switch basis {
        case .config(let document?):
            return try DeploymentDraft(document, options)
        case .deployment(let earlier?):
            return try DeploymentDraft(earlier.request.config, options, earlier: earlier)
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

    /// The draft with its commits, as far as they can be found out.
    func resolve(_ draft: DeploymentDraft) async -> DeploymentDraft {
        guard let commits else { return draft }
        var draft = draft
        draft.resolve(await commits.resolve(draft.unresolved))
        return draft
    }
}
