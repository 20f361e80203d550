import JSON

/// Finds the build of a component, and reads its log.
struct ReadBuildLog: Sendable {
    let configs: any ToolConfigStore
    let store: any DeploymentStore
    let logs: any BuildLogs

    /// See `ComponentsOperations.buildLog(of:in:of:_:)`.
    func callAsFunction(
        _ component: String, in id: String, of tool: ToolName, _ query: BuildLogQuery
    ) async throws(ComponentsError) -> BuildLog {
        let record = try await record(id, of: tool)
        let identity = record.request.identity
        let (build, note) = try build(of: component, in: record.request)
        let status = record.status[build]
        guard status.start != .refused, !status.phase.isTerminal || status.start == .created else {
            return BuildLog { body in try await body(.note(.neverStarted(status.message))) }
        }
        var query = query
        query.secrets = SecretValues(Self.secrets(in: record.request.config))
        query.isCreated = status.start == .created
        let log = try await asking(about: .deployment(identity), try await logs.open(build, of: identity, query))
        return BuildLog { body in
            if let note { try await body(.note(note)) }
            try await log.forEach(body)
        }
    }

    private func record(_ id: String, of tool: ToolName) async throws(ComponentsError) -> DeploymentRecord {
        let identity = DeploymentIdentity(id: id, tool: tool)
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
        let components = ConfigReader(request.config).config?.components ?? []
        var name = component
        if case .reuse(let target) = components.first(where: { $0.name == component })?.source { name = target }
        guard let build = request.builds.first(where: { $0.component == name }) else {
            let known = Set(components.map(\.name)).union(request.builds.map(\.component))
            throw .componentMissing(request.identity, component: component, known: known.sorted())
        }
        return (build, name == component ? nil : .isBuild(of: name))
    }

    /// The values of every `build.envvars`: what a build is given may be a password.
    private static func secrets(in config: JSONValue) -> [String] {
        let components = config["components"]?.objectValue?.members ?? []
        return components.flatMap { component in
            (component.value["build"]?["envvars"]?.objectValue?.members ?? []).compactMap(\.value.stringValue)
        }
    }
}
