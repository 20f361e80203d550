import Foundation
import JSON

extension KubernetesError {
    /// The error of a response whose HTTP status is not one of success.
    ///
    /// The reason decides, and the HTTP status where there is none: proxies send none, nor does the storage.
    /// - Parameters:
    ///   - isWrite: whether the request could have changed something.
    init(response: KubernetesResponse, isWrite: Bool) {
        self.init(status: response.json.flatMap(Status.init(json:)), httpStatus: response.status)
        if let wait = RetryAfter.duration(of: response.retryAfter, now: .now) { retryAfter = wait }
        mayHaveBeenApplied = isWrite && !isSettledBeforeExecution
    }

    /// The error that a `Status` describes, or a response without one.
    init(status: Status?, httpStatus: Int) {
        let message = status?.message.flatMap { $0.isEmpty ? nil : $0 }
        self.init(
            Code(reason: status?.reason, httpStatus: httpStatus, message: message ?? ""),
            message ?? "the response is HTTP \(httpStatus), without a Status from the API server")
        self.status = status
        self.httpStatus = httpStatus
        retryAfter = status?.details?.retryAfterSeconds.map { RetryAfter.duration(seconds: $0) }
    }

    /// Whether the response says that nothing was executed.
    private var isSettledBeforeExecution: Bool {
        guard let httpStatus, httpStatus >= 500 else { return true }
        return code == .tooLarge || httpStatus == 501 || isRefusedBeforeExecution
    }

    /// Whether the server turned the request away before it did any of it, so that any request may be repeated: it was
    /// too busy, or could not reach a webhook that must be asked before something is stored.
    var isRefusedBeforeExecution: Bool {
        code == .tooManyRequests || (httpStatus == 500 && message.contains("failed calling webhook"))
    }
}

extension KubernetesError.Code {
    init(reason: String?, httpStatus: Int, message: String) {
        // Kubernetes' storage has no reason for it, and its status changed between versions.
        if message.contains("request is too large") {
            self = .tooLarge
            return
        }
        self = reason.flatMap { Self.byReason[$0] } ?? .init(httpStatus: httpStatus)
    }

    /// `metav1.StatusReason`.
    private static let byReason: [String: Self] = [
        "NotFound": .notFound, "AlreadyExists": .alreadyExists, "Conflict": .conflict, "Forbidden": .forbidden,
        "Unauthorized": .unauthorized, "Invalid": .invalid, "BadRequest": .badRequest,
        "MethodNotAllowed": .badRequest, "NotAcceptable": .badRequest, "UnsupportedMediaType": .badRequest,
        "TooManyRequests": .tooManyRequests, "RequestEntityTooLarge": .tooLarge, "InternalError": .serverError,
        "ServiceUnavailable": .unavailable, "Timeout": .timeout, "ServerTimeout": .timeout, "Gone": .gone,
        "Expired": .gone,
    ]

    private init(httpStatus: Int) {
        self =
            switch httpStatus {
            case 401: .unauthorized
            case 403: .forbidden
            case 404: .notFound
            case 409: .conflict
            case 410: .gone
            case 413: .tooLarge
            case 422: .invalid
            case 429: .tooManyRequests
            case 400...499: .badRequest
            case 502, 503: .unavailable
            case 504: .timeout
            case 500...599: .serverError
            default: .invalidResponse
            }
    }
}

/// `Retry-After` (RFC 9110, section 10.2.3): seconds, or a date.
enum RetryAfter {
    /// The longest wait that is reported; a longer one is cut to it.
    private static let longest: Int64 = 86_400

    /// The wait that the header asks for, or `nil` if it is absent or malformed.
    ///
    /// A date in the past is no wait; a number that overflows is the longest wait.
    static func duration(of header: String?, now: Date) -> Duration? {
        guard let text = header?.trimmingCharacters(in: .whitespaces), !text.isEmpty else { return nil }
        let digits = text.drop { $0 == "-" }
        if !digits.isEmpty, digits.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains) {
            return text.first == "-" ? .zero : duration(seconds: Int64(digits) ?? longest)
        }
        guard let date = Timestamp.httpDate(text) else { return nil }
        let seconds = date.timeIntervalSince(now)
        return seconds <= 0 ? .zero : duration(seconds: Int64(min(seconds.rounded(.up), Double(longest))))
    }

    /// That many seconds, within bounds.
    static func duration(seconds: Int64) -> Duration {
        .seconds(max(0, min(seconds, longest)))
    }
}
