import Logging

/// Tells of every attempt: at the level debug to the log, and to the observer.
struct AttemptReport: Sendable {
    let logger: Logger
    let observer: (any KubernetesObserver)?

    /// Neither bodies nor tokens are told of, and of the target only the path: a query may hold a continue token.
    func ended(_ request: KubernetesRequest, _ result: Result<HTTPAnswer, KubernetesError>, duration: Duration) {
        let status: Int?
        let error: KubernetesError?
        switch result {
        case .success(let answer): (status, error) = (answer.status, nil)
        case .failure(let failure): (status, error) = (failure.httpStatus, failure)
        }
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
