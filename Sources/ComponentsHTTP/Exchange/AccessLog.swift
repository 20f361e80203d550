import Components
import HTTPTypes
import Logging

/// The log lines of one exchange: no body, no path as it was sent, and of the certificate only the tool's name.
struct AccessLog {
    /// The exchange as it was observed.
    let exchange: ObservedExchange
    /// The tool that the path names, if it names one.
    let tool: ToolName?
    /// The response.
    let response: Response
    /// Whether the stream that was sent was broken off; `nil` if none was.
    var isStreamBrokenOff: Bool?

    /// Writes one line, and one more if the service or the cluster failed.
    func write(to logger: Logger) {
        var metadata: Logger.Metadata = [
            "method": .string(exchange.method), "route": .string(exchange.route),
            "status": .string(String(exchange.status)), "duration-ms": .string(milliseconds),
        ]
        if let tool { metadata["tool"] = .string(tool.value) }
        metadata.merge(response.metadata) { ours, _ in ours }
        if let isStreamBrokenOff { metadata["stream"] = isStreamBrokenOff ? "broken off" : "complete" }
        if response.status.code >= 500, case .envelope(let envelope) = response.content {
            var cause = metadata
            cause["cause"] = "\(envelope.messages.error.joined(separator: " "))"
            // An unavailable cluster recovers by itself; anything else needs an administrator.
            logger.log(
                level: response.status == .serviceUnavailable ? .warning : .error, "The request failed", metadata: cause
            )
        }
        logger.info("Request answered", metadata: metadata)
    }

    /// Milliseconds with three decimals.
    private var milliseconds: String {
        let parts = exchange.duration.components
        let microseconds = parts.seconds * 1_000_000 + parts.attoseconds / 1_000_000_000_000
        let fraction = String(microseconds % 1_000)
        return "\(microseconds / 1_000).\(String(repeating: "0", count: 3 - fraction.utf8.count))\(fraction)"
    }
}

extension HTTPRequest.Method {
    /// The method if it is a common one, else `other`: a client can send any token.
    var label: String {
        let known: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options]
        return known.contains(self) ? rawValue : "other"
    }
}
