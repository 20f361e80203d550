import Components
import Foundation
import Kubernetes

extension ClusterFailure {
    /// What a failed call means to the rules.
    ///
    /// A refusal for missing rights names the service's own account: users get a sentence without it, the log gets all.
    init(_ error: KubernetesError) {
        if let refusal = QuotaRefusal(error) {
            self = .full(refusal)
            return
        }
        let reason = error.message.clipped
        if error.isAdmissionDenial {
            self = .refused(reason: reason)
            return
        }
        self =
            switch error.code {
            case .notFound where error.isNamespaceMissing: .toolMissing
            // Only an object that is missing is named: what is not served at all has no names.
            case .notFound where error.status?.details?.name != nil: .absent
            case .notFound:
                .failed(reason: "the cluster does not know a kind that this service needs; tell Toolforge's admins")
            case .alreadyExists where error.meansBeingDeleted: .terminating
            case .alreadyExists: .exists
            case .conflict: .conflict
            case .forbidden where error.isNamespaceTerminating: .toolTerminating
            case .forbidden where !error.namesAnAccount: .refused(reason: reason)
            case .forbidden:
                .failed(reason: "the cluster does not allow this service to do that; tell Toolforge's admins")
            case .invalid: .refused(reason: reason)
            case .badRequest where error.httpStatus ?? 400 == 400: .refused(reason: reason)
            case .tooLarge: .tooLarge
            case .timeout: .timedOut(mayHaveHappened: error.mayHaveBeenApplied)
            case .unauthorized:
                .unavailable(reason: "the cluster does not accept this service's credentials now", retryAfter: nil)
            case .tooManyRequests, .unavailable, .connection, .serverError, .cancelled:
                .unavailable(
                    reason: error.whyUnavailable
                        + (error.mayHaveBeenApplied ? "; what was asked may have been done all the same" : ""),
                    retryAfter: error.retryAfter.map { max(1, Int($0.components.seconds)) })
            default:
                .invalidResponse(reason: "the cluster gave an answer that makes no sense; tell Toolforge's admins")
            }
    }
}

extension QuotaRefusal {
    /// The refusal that a ResourceQuota's sentence states; `nil` for any other sentence.
    ///
    /// The API server's admission writes `… is forbidden: exceeded quota: NAME, requested: R=1, used: R=2, limited: R=2`, with
    /// commas between several resources `R`.
    init?(_ error: KubernetesError) {
        guard error.isQuotaExceeded else { return nil }
        let sentence = error.message
        self.init(
            reason: sentence.clipped, used: Self.quantities(in: sentence, after: "used: "),
            allowsNone: Self.quantities(in: sentence, after: "limited: ").values.contains("0"))
    }

    /// The quantities `R=1,S=2` that follow a word, by resource.
    private static func quantities(in sentence: String, after word: String) -> [String: String] {
        guard let start = sentence.range(of: word, options: .backwards)?.upperBound else { return [:] }
        let pairs = sentence[start...].prefix { $0 != " " }.split(separator: ",").map { $0.split(separator: "=") }
        return Dictionary(
            pairs.filter { $0.count == 2 }.map { (String($0[0]), String($0[1])) },
            uniquingKeysWith: { first, _ in first })
    }
}

extension ObjectMetadata {
    /// Whether the object was deleted and only waits for its finalizers.
    var isBeingDeleted: Bool { deletionTimestamp != nil }
}

extension KubernetesError {
    /// Why the cluster cannot serve now, in words that tell the commonest causes apart.
    fileprivate var whyUnavailable: String {
        if let failedWebhook {
            return
                "the cluster's webhook \(failedWebhook.clipped) does not respond; if that lasts, tell Toolforge's admins"
        }
        if isTLSFailure {
            return
                "TLS with the cluster fails, so its certificate may not be trusted; if that lasts, tell Toolforge's admins"
        }
        return code == .tooManyRequests ? "the cluster is overloaded" : "the cluster is away or overloaded"
    }

    /// Whether a name is taken by an object that is being deleted, as the API server says it.
    var meansBeingDeleted: Bool { isAlreadyExists && message.hasPrefix("object is being deleted: ") }

    /// Whether the message names the account that made the request: `User "system:serviceaccount:…" cannot …`.
    var namesAnAccount: Bool { message.contains("User \"") || message.contains("system:") }
}
