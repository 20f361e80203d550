import Components
import HTTPTypes
import Logging

/// What the logs say of one exchange: no body, no path as it was sent, of the certificate nothing but the tool's name.
struct AccessLog {
    /// What was observed.
    let exchange: ObservedExchange
    /// The tool that the path names, if it names one.
    let tool: ToolName?
    /// What was answered.
    let response: Response

    /// One line, and another where this side of the wire failed.
    func write(to logger: Logger) {
        var metadata: Logger.Metadata = [
            "method": .string(exchange.method), "route": .string(exchange.route),
            "status": .string(String(exchange.status)), "duration-ms": .string(milliseconds),
        ]
        if let tool { metadata["tool"] = .string(tool.value) }
        metadata.merge(response.metadata) { ours, _ in ours }
        if response.status.code >= 500, case .envelope(let envelope) = response.content {
            var cause = metadata
            cause["cause"] = "\(envelope.messages.error.joined(separator: " "))"
            // What is away comes back by itself; the rest needs somebody to look.
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
    /// The method if it is a known one, else `other`: any token may arrive here.
    var label: String {
        let known: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options]
        return known.contains(self) ? rawValue : "other"
    }
}
