import Foundation

/// A small, strict Kubernetes API server for laptops and tests.
///
/// It speaks HTTPS, keeps objects as untyped JSON in memory, and responds as a real Kubernetes 1.36 does: kinds of CRDs with
/// their schemas enforced, Tekton's PipelineRuns and TaskRuns with its admission webhook, pods with their logs, namespaces,
/// config maps, events, leases and resource quotas; get, list, watch, create, replace, merge patch, JSON patch, delete and
/// deletecollection, the status subresource, selectors, pages, preconditions, garbage collection by owner references, access
/// reviews, discovery and OpenAPI. It plays Tekton's controller and a node: builds really clone by git.
///
/// What it does not do:
/// - It forgets everything when it ends; there is no etcd and no snapshot behind the pages of a list: each page shows the objects
///   of that moment.
/// - No server-side apply and no strategic merge patch (both 415), no protobuf (so `kubectl create namespace`, which sends it,
///   is refused; `kubectl apply` and `kubectl create -f` are not), no streaming lists, no other kinds, no other admission
///   webhooks, no conversion of CRDs, no CEL but `self == oldSelf` (a CRD with another rule is refused).
/// - No RBAC: a certificate or the token has all rights, other clients have none, but for tokens registered with rules.
/// - Quotas count objects only, and are released at once when an object is removed; the real server takes a moment.
/// - `managedFields` treat a list as one field, whatever the schema says.
/// - There are no Node objects and no images, and nothing is built: a step waits as long as a build is said to take.
///
/// Use it in a test by `withFakeCluster`:
/// ```swift
/// try await withFakeCluster(.init(customResources: "chart/crds")) { cluster in
///     let client = Client(kubeconfig: cluster.kubeconfig)
///     …
///     #expect(cluster.journal.count == 2)
/// }
/// ```
public struct FakeCluster: Sendable {
    /// Its address: `https://127.0.0.1:PORT`.
    public let baseURL: String
    /// The bearer token that has all rights.
    public let token: String
    /// The certificate authority of its certificate, and of the client certificates that it accepts.
    public let authorityPEM: String
    /// The file of `authorityPEM`.
    public let authorityFile: String

    let api: API
    let certificate: ServerCertificate

    /// A kubeconfig with the server, its authority and the token, whose current context is ready to use.
    public var kubeconfig: String {
        """
        apiVersion: v1
        kind: Config
        current-context: fake
        clusters:
          - name: fake
            cluster:
              server: \(baseURL)
              certificate-authority-data: \(Base64.encoded(Array(authorityPEM.utf8)))
        users:
          - name: fake
            user:
              token: \(token)
        contexts:
          - name: fake
            context:
              cluster: fake
              user: fake

        """
    }
}

/// Base64 with padding, as kubeconfigs have it.
enum Base64 {
    static func encoded(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }
}
