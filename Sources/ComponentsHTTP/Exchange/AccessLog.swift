import HTTPTypes
import Logging

/// What the logs say of one exchange: no body, no path as it was sent, of the certificate nothing but the tool's name.
struct AccessLog {
    /// The request.
    let request: APIRequest
    /// What the path stands for, if it stands for anything.
    let route: Route?
    /// What was answered.
    let answer: Answer
    /// How long that took.
    let duration: Duration

    /// One line, and another where this side of the wire failed.
    func write(to logger: Logger) {
        var metadata: Logger.Metadata = [
            "method": "\(method)", "route": "\(route?.template ?? "none")", "status": "\(answer.status.code)",
            "duration-ms": "\(milliseconds)",
        ]
        if let tool = route?.tool { metadata["tool"] = "\(tool)" }
        if answer.status.code >= 500, case .envelope(let envelope) = answer.content {
            var cause = metadata
            cause["cause"] = "\(envelope.messages.error.joined(separator: " "))"
            // What is away comes back by itself; the rest needs somebody to look.
            logger.log(
                level: answer.status == .serviceUnavailable ? .warning : .error, "The request failed", metadata: cause)
        }
        logger.info("Request answered", metadata: metadata)
    }

    /// The method if it is a known one: any token may arrive here.
    private var method: String {
        let known: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options]
        return known.contains(request.head.method) ? request.head.method.rawValue : "other"
    }

    /// Milliseconds with three decimals.
    private var milliseconds: String {
        let parts = duration.components
        let microseconds = parts.seconds * 1_000_000 + parts.attoseconds / 1_000_000_000_000
        let fraction = String(microseconds % 1_000)
        return "\(microseconds / 1_000).\(String(repeating: "0", count: 3 - fraction.utf8.count))\(fraction)"
    }
}
