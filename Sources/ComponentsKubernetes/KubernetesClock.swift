public import Components
public import Foundation
public import Kubernetes

/// The cluster's clock: the `Date` of the API server's responses, and the monotonic time since.
///
/// Before the first response it is this machine's clock; no deployment is recorded before one.
public struct KubernetesClock: ClusterClock {
    private let client: KubernetesClient

    /// The clock of that cluster.
    public init(client: KubernetesClient) {
        self.client = client
    }

    /// The time by the newest response.
    public func now() -> Date { client.serverTime?.date(at: .now) ?? Date() }
}
