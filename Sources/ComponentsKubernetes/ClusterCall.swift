import Components
import Kubernetes
import Logging

extension Logger {
    /// Makes a call to the cluster; its failure is logged in full, and thrown as what users may know of it.
    func clusterCall<Output>(
        _ what: StaticString, _ metadata: Logger.Metadata, _ call: () async throws(KubernetesError) -> Output
    ) async throws(ClusterFailure) -> Output {
        do {
            return try await call()
        } catch {
            let failure = ClusterFailure(error)
            // What a repeat or a rule settles is expected; what an admin must mend is not.
            var metadata = metadata
            metadata["call"] = "\(what)"
            metadata["error"] = "\(error)"
            log(level: failure.isExpected ? .debug : .warning, "cluster call failed", metadata: metadata)
            throw failure
        }
    }
}

extension Logger {
    /// Makes a call that only reads.
    ///
    /// No rule can refuse a read, so a refusal is the cluster's own failure.
    func clusterRead<Output>(
        _ what: StaticString, _ metadata: Logger.Metadata, _ call: () async throws(KubernetesError) -> Output
    ) async throws(ClusterFailure) -> Output {
        do throws(ClusterFailure) {
            return try await clusterCall(what, metadata, call)
        } catch {
            switch error {
            case .refused, .full, .tooLarge, .toolTerminating, .terminating, .conflict, .exists:
                throw .failed(reason: "the cluster refuses to be read; tell Toolforge's admins")
            default:
                throw error
            }
        }
    }
}

extension ClusterFailure {
    fileprivate var isExpected: Bool {
        switch self {
        case .absent, .exists, .conflict, .toolMissing, .toolTerminating, .terminating, .full, .refused, .tooLarge: true
        case .unreadable, .failed, .invalidResponse, .unavailable, .timedOut: false
        }
    }
}
