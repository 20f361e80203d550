/// Why an operation did not do what was asked.
///
/// The words are the domain's; who answers over HTTP finds the status.
public enum ComponentsError: Error, Sendable, Equatable {
    /// The tool has no config.
    case configMissing(ToolName)
    /// The config that was sent breaks rules: all of them, at least one. The warnings are those of `StoredConfig`: a key
    /// that is not known is often the reason why another one is missing.
    case configInvalid([ConfigProblem], warnings: [String])
    /// What is stored is not what the one who asks wanted replaced: nothing was stored.
    case preconditionFailed(ToolName, FailedPrecondition)
    /// The config that is stored breaks rules (somebody wrote it past this service): all of them, at least one, with
    /// its warnings.
    case storedConfigInvalid([ConfigProblem], warnings: [String])
    /// The tool has no deployment of that id.
    case deploymentMissing(ToolName, id: String)
    /// The tool does not exist: it has no namespace.
    case toolMissing(ToolName)
    /// The tool is being deleted.
    case toolTerminating(ToolName)
    /// A stored object exists but cannot be understood. `what` names it, `reason` says why: sentences fit for a user.
    case unreadable(what: String, reason: String)
    /// Others changed the same object each time this tried to; nothing was changed by this one.
    case contended(what: String)
    /// More than the cluster stores in one object.
    case tooLarge(what: String)
    /// The cluster's rules (schema, admission, quota) refuse it; `reason` is the cluster's own sentence.
    case rejected(reason: String)
    /// The key started that deployment, by a request of another kind than this one.
    case keyTaken(id: String)
    /// The deployment was removed by newer ones while it was being started; its builds were cancelled.
    case superseded(id: String)
    /// The cluster forbids this service to do it, or answered what makes no sense. `reason` is fit for a user.
    case clusterFailed(reason: String)
    /// The cluster is away or overloaded. `retryAfter` is in seconds, if it said so.
    case unavailable(reason: String, retryAfter: Int?)
    /// The cluster did not answer in time. `reason` says what may have happened all the same.
    case timedOut(reason: String)
}

/// One mistake in a config.
public struct ConfigProblem: Sendable, Hashable {
    /// Where, as `components.web.build.repository`; empty for the config as a whole.
    public var path: String
    /// What is wrong and what to do, in a sentence.
    public var message: String

    /// A mistake at a path.
    public init(path: String, message: String) {
        self.path = path
        self.message = message
    }
}
