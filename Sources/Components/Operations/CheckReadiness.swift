/// Checks that the cluster responds and knows the kinds that this service stores.
struct CheckReadiness: Sendable {
    let configs: any ToolConfigStore

    /// See `ComponentsOperations.checkReadiness`.
    ///
    /// Whatever the failure, the service cannot be used now: so it is always `unavailable`, with the reason.
    func callAsFunction() async throws(ComponentsError) {
        do {
            try await configs.checkReadiness()
        } catch {
            let failure: ClusterFailure =
                switch error {
                case .unavailable: error
                case .failed(let reason), .refused(let reason), .unreadable(let reason):
                    .unavailable(reason: reason, retryAfter: nil)
                case .full(let quota): .unavailable(reason: quota.reason, retryAfter: nil)
                case .timedOut: .unavailable(reason: "the cluster did not answer in time", retryAfter: nil)
                case .absent, .toolMissing, .toolTerminating, .terminating, .exists, .conflict, .tooLarge:
                    .unavailable(reason: "the cluster does not know this service's kinds", retryAfter: nil)
                }
            throw .cluster(failure, about: .service)
        }
    }
}
