/// Learns of every attempt, for metrics.
///
/// It is called on the path of each request: what takes time belongs elsewhere.
public protocol KubernetesObserver: Sendable {
    /// An attempt ended; a call that is repeated has several.
    func attemptEnded(_ attempt: KubernetesAttempt)
}

/// One attempt of a call, in words of bounded number: they can label a metric.
public struct KubernetesAttempt: Sendable {
    /// Kubernetes' word for what was done: `get`, `list`, `create`, `update`, `patch`, `delete`.
    public let verb: String
    /// What it was done to: `plural.group`, with `/status`.
    public let resource: String
    /// The HTTP status, if there was an answer.
    public let status: Int?
    /// The class of the error, if it was one.
    public let error: KubernetesError.Code?
    /// From the attempt's start to the answer's last byte.
    public let duration: Duration
}
