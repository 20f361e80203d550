/// Checks that the cluster responds, knows the kinds that this service stores, and lets this service do its work.
struct CheckReadiness: Sendable {
    let configs: any ToolConfigStore
    /// `nil`: the rights are not asked for.
    let rights: (any ServiceRights)?
    /// What does not keep the service from being used, now: sentences.
    let warnings: @Sendable () -> [String]

    /// See `ComponentsOperations.checkReadiness`.
    ///
    /// Whatever the failure, the service cannot be used now: so it is always `unavailable`, with the reason.
    func callAsFunction() async throws(ComponentsError) -> [String] {
        let missing: [MissingRight]
        do {
            try await configs.checkReadiness()
            missing = try await rights?.missing() ?? []
        } catch {
            throw .cluster(error.asUnavailability, about: .service)
        }
        let essential = missing.filter(\.isEssential)
        guard essential.isEmpty else {
            let reason = "the cluster does not allow this service to \(Self.names(essential)); install the chart's RBAC"
            throw .cluster(.unavailable(reason: reason, retryAfter: nil), about: .service)
        }
        guard !missing.isEmpty else { return warnings() }
        return [
            "The cluster does not allow this service to \(Self.names(missing)): deployments can be made, but not all that "
                + "belongs to them is done. Install the chart's RBAC."
        ] + warnings()
    }

    private static func names(_ rights: [MissingRight]) -> String { rights.map(\.name).joined(separator: ", ") }
}

extension ClusterFailure {
    /// What any failure means to somebody who asks whether the service can be used.
    fileprivate var asUnavailability: ClusterFailure {
        switch self {
        case .unavailable: self
        case .failed(let reason), .invalidResponse(let reason), .refused(let reason), .unreadable(let reason):
            .unavailable(reason: reason, retryAfter: nil)
        case .full(let quota): .unavailable(reason: quota.reason, retryAfter: nil)
        case .timedOut: .unavailable(reason: "the cluster did not answer in time", retryAfter: nil)
        case .absent, .toolMissing, .toolTerminating, .terminating, .exists, .conflict, .tooLarge:
            .unavailable(reason: "the cluster does not know this service's kinds", retryAfter: nil)
        }
    }
}
