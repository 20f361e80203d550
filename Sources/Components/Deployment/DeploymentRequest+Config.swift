import JSON

extension DeploymentRequest {
    /// The request for every build that a config asks for.
    ///
    /// - Parameter document: the config as it is stored, which `config` is a reading of.
    init(_ config: ToolConfig, document: JSONValue, identity: DeploymentIdentity, nonce: String? = nil) {
        let builds = config.components.compactMap { component -> PlannedBuild? in
            guard case .repository(let repository, let ref) = component.source else { return nil }
            return PlannedBuild(
                component: component.name,
                id: DeploymentNames.build(of: component.name, deployment: identity, nonce: nonce),
                repository: repository, ref: ref)
        }
        self.init(identity: identity, config: document, builds: builds, nonce: nonce)
    }
}
