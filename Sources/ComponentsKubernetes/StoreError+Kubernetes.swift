import Components
import Foundation
import Kubernetes

extension StoreError {
    /// What a failed call means to the rules.
    ///
    /// A refusal for want of rights names the service's own account: users get a sentence without it, the log gets all.
    init(_ error: KubernetesError) {
        let reason = error.message.clipped
        self =
            switch error.code {
            case .notFound where error.isNamespaceMissing: .toolMissing
            // Only an object that is missing is named: what is not served at all has no names.
            case .notFound where error.status?.details?.name != nil: .absent
            case .notFound:
                .failed(reason: "the cluster does not know a kind that this service needs; tell Toolforge's admins")
            case .alreadyExists: .exists
            case .conflict: .conflict
            case .forbidden where error.isNamespaceTerminating: .toolTerminating
            case .forbidden where error.isQuotaExceeded: Self.full(reason, error.quotaUsage)
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
                    reason: error.mayHaveBeenApplied
                        ? "the cluster is away or overloaded; what was asked may have been done all the same"
                        : "the cluster is away or overloaded",
                    retryAfter: error.retryAfter.map { max(1, Int($0.components.seconds)) })
            default: .failed(reason: "the cluster gave an answer that makes no sense; tell Toolforge's admins")
            }
    }
}

extension StoreError {
    /// A full quota: `…, limited: count/PLURAL.GROUP=0` allows none, as the server's admission of ResourceQuota writes it.
    private static func full(_ reason: String, _ usage: Substring) -> StoreError {
        let limits = usage.range(of: "limited: ", options: .backwards).map { usage[$0.upperBound...] } ?? ""
        return .full(
            reason: reason, usage: String(usage),
            allowsNone: limits.split(separator: ",").contains { $0.hasSuffix("=0") })
    }
}

extension KubernetesError {
    /// The part of a quota's refusal that is the same for every object: `exceeded quota: NAME, requested: …, used: …`.
    fileprivate var quotaUsage: Substring {
        message.range(of: "exceeded quota:").map { message[$0.lowerBound...] } ?? ""
    }

    /// Whether the message tells who asked: `User "system:serviceaccount:…" cannot …`.
    var namesAnAccount: Bool { message.contains("User \"") || message.contains("system:") }
}
