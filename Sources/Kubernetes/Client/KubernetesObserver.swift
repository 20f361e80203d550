import Logging

/// Is called for every attempt, for metrics.
///
/// It runs on the path of each request, so it must return quickly.
public protocol KubernetesObserver: Sendable {
    /// An attempt ended; a call that is repeated has several.
    func attemptEnded(_ attempt: KubernetesAttempt)
}

/// One attempt of a call, in words from a bounded set, fit for the labels of a metric.
public struct KubernetesAttempt: Sendable {
    /// Kubernetes' word for what was done: `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`,
    /// `deletecollection`.
    public let verb: String
    /// What it was done to: `plural.group`, with `/status` or `/log`.
    public let resource: String
    /// The HTTP status, if there was a response.
    public let status: Int?
    /// The class of the error, if it was one.
    public let error: KubernetesError.Code?
    /// From the attempt's start to the response's last byte; of a stream (a watch, a log), to its head.
    public let duration: Duration
}

/// Reports every attempt to the log, at the level debug, and to the observer.
struct AttemptReport: Sendable {
    let logger: Logger
    let observer: (any KubernetesObserver)?

    /// Neither bodies nor tokens are reported, and only the target's path: a query may hold a continue token.
    func ended(_ request: KubernetesRequest, status: Int?, _ error: KubernetesError?, duration: Duration) {
        observer?.attemptEnded(
            KubernetesAttempt(
                verb: request.verb, resource: request.resource, status: status, error: error?.code, duration: duration))
        guard logger.logLevel <= .debug else { return }
        var metadata: Logger.Metadata = [
            "verb": "\(request.verb)", "path": "\(request.target.prefix { $0 != "?" })", "duration": "\(duration)",
        ]
        if let status { metadata["status"] = "\(status)" }
        if let error {
            metadata["error"] = "\(error.code)"
            metadata["reason"] = "\(error.message.prefix(500))"
        }
        logger.debug("Kubernetes request ended", metadata: metadata)
    }
}
