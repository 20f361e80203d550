import Components
import Kubernetes
import Logging

extension Logger {
    /// Makes a call to the cluster; its failure is logged whole, and passed on as what users may know of it.
    func clusterCall<Output>(
        _ what: StaticString, _ metadata: Logger.Metadata, _ call: () async throws(KubernetesError) -> Output
    ) async throws(StoreError) -> Output {
        do {
            return try await call()
        } catch {
            let failure = StoreError(error)
            // What a repeat or a rule settles is everyday; what an admin must mend is not.
            var metadata = metadata
            metadata["call"] = "\(what)"
            metadata["error"] = "\(error)"
            log(level: failure.isEveryday ? .debug : .warning, "cluster call failed", metadata: metadata)
            throw failure
        }
    }
}

extension StoreError {
    fileprivate var isEveryday: Bool {
        switch self {
        case .absent, .exists, .conflict, .toolMissing, .toolTerminating, .full, .refused, .tooLarge: true
        case .unreadable, .failed, .unavailable, .timedOut: false
        }
    }
}
