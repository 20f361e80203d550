import Foundation
import JSON

extension KubernetesError {
    /// The error that an answer stands for whose HTTP status is none of success.
    ///
    /// The reason decides, and the HTTP status where there is none: proxies answer without, and so does the storage.
    /// - Parameters:
    ///   - isWrite: whether the request could have changed something.
    init(answer: HTTPAnswer, isWrite: Bool) {
        let status = answer.json.flatMap(Status.init(json:))
        let message = status?.message.flatMap { $0.isEmpty ? nil : $0 }
        let code = Code(
            reason: status?.reason, httpStatus: answer.status, message: message ?? "")
        self.init(code, message ?? "the answer is HTTP \(answer.status), without an account of the API server")
        self.status = status
        httpStatus = answer.status
        retryAfter =
            RetryAfter.duration(of: answer.retryAfter, now: .now)
            ?? status?.details?.retryAfterSeconds.map { RetryAfter.duration(seconds: $0) }
        mayHaveBeenApplied = isWrite && !isSettledBeforeExecution
    }

    /// Whether the answer says that nothing was executed.
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
            default: .invalidAnswer
            }
    }
}
