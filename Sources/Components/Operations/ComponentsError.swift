/// Why an operation did not do what was asked.
///
/// The words are the domain's; the HTTP layer maps each case to a response.
public enum ComponentsError: Error, Sendable, Equatable {
    /// The tool has no config.
    case configMissing(ToolName)
    /// The tool has no config here; the one that it is shown is imported, and is not changed here.
    case configImported(ToolName)
    /// The config that was sent breaks rules: every mistake, at least one. The warnings are those of `StoredConfig`: an
    /// unknown key is often the reason why another one is missing.
    case configInvalid([ConfigProblem], warnings: [String])
    /// The stored config does not meet the client's precondition; nothing was stored.
    case preconditionFailed(ToolName, FailedPrecondition)
    /// The config that counts breaks rules (it was not written by this service): every mistake, at least one, and its
    /// warnings.
    case storedConfigInvalid([ConfigProblem], warnings: [String], ConfigOrigin = .stored)
    /// The config could not be fetched from the URL that the tool's config names: the reason is a sentence without its full stop.
    case configUnavailable(url: String, reason: String)
    /// What was asked for besides the config does not fit it: every mistake, at least one.
    case optionsInvalid([OptionProblem])
    /// The tool has no deployment of that id.
    case deploymentMissing(ToolName, id: String)
    /// The tool has no deployment at all.
    case noDeployments(ToolName)
    /// The deployment has no such component; those that it has.
    case componentMissing(DeploymentIdentity, component: String, known: [String])
    /// The key started that deployment, by a request of another kind than this one.
    case keyTaken(id: String)
    /// An earlier request with the same key has recorded that deployment and may still take it back: ask again in a second.
    case undecided(id: String)
    /// Newer deployments removed this one while it was being started; its builds were cancelled.
    case superseded(id: String)
    /// The deployment was not started, because that other one of the tool has not ended.
    case overlaps(ToolName, id: String)
    /// The deployment cannot be cancelled: it has ended, or is being ended for another reason.
    indirect case deploymentEnded(Deployment)
    /// The admins let no deployment start now; their reason, a sentence.
    case frozen(String)
    /// The cluster did not do its part for what the operation was about.
    case cluster(ClusterFailure, about: OperationSubject)
}

/// What an operation was about when the cluster failed.
public enum OperationSubject: Sendable, Hashable {
    /// Whether the tool exists.
    case tool(ToolName)
    /// The tool's config.
    case config(of: ToolName)
    /// The list of the tool's deployments.
    case deployments(of: ToolName)
    /// A deployment, by its id.
    case deployment(DeploymentIdentity)
    /// The record of a new deployment; whether it was stored may not be known.
    case newDeployment(DeploymentIdentity)
    /// Room for a new deployment of the tool, of which nothing is stored yet.
    case room(for: ToolName)
    /// The newest good builds of the tool's components.
    case goodBuilds(of: ToolName)
    /// The tool's deploy token.
    case deployToken(of: ToolName)
    /// The service's own readiness.
    case service

    /// The tool that it belongs to; `nil` for the service as a whole.
    public var tool: ToolName? {
        switch self {
        case .tool(let tool), .config(let tool), .deployments(let tool), .room(let tool), .deployToken(let tool),
            .goodBuilds(let tool):
            tool
        case .deployment(let deployment), .newDeployment(let deployment): deployment.tool
        case .service: nil
        }
    }
}

/// Calls a port; its failure becomes the operation's error about that subject.
func asking<Output>(
    about subject: OperationSubject, _ call: @autoclosure () async throws(ClusterFailure) -> Output
) async throws(ComponentsError) -> Output {
    do {
        return try await call()
    } catch {
        throw .cluster(error, about: subject)
    }
}

/// What a call to a port came to, to be looked at later.
func result<Output: Sendable>(
    of call: @autoclosure () async throws(ClusterFailure) -> Output
) async -> Result<Output, ClusterFailure> {
    do {
        return .success(try await call())
    } catch {
        return .failure(error)
    }
}
