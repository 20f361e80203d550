/// A small, strict Kubernetes API server for laptops and tests.
///
/// It speaks HTTPS, keeps objects as untyped JSON in memory, and answers as a real Kubernetes 1.36 does as far as it goes:
/// the kinds of CRDs with their schemas enforced, Tekton's PipelineRuns (which it plays, with real git clones), namespaces,
/// events, leases and resource quotas; get, list, create, replace, merge patch, JSON patch, delete, the status
/// subresource, selectors, pages, preconditions, discovery and OpenAPI.
///
/// What it does not do:
/// - It forgets everything when it ends; there is no etcd and no snapshot behind the pages of a list: each is read from what
///   is there when it is asked for, and a `continue` never expires.
/// - No server-side apply and no strategic merge patch (both 415), no protobuf (so `kubectl create namespace`, which sends it,
///   is refused; `kubectl apply` and `kubectl create -f` are not), no other kinds, no admission webhooks, no conversion of
///   CRDs, no CEL but `self == oldSelf` (a CRD with another rule is refused).
/// - No RBAC: whoever has a certificate or the token may do everything, nobody else anything, but for tokens registered with
///   rules of their own.
/// - No garbage collection by owner references; `propagationPolicy` and `gracePeriodSeconds` are ignored.
/// - Quotas count objects only, and are released at once when an object goes; the real server takes a moment.
/// - `managedFields` take lists as one field each, whatever the schema says.
/// - Builds make no TaskRuns, no pods and no images.
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
    /// Where it listens: `https://127.0.0.1:PORT`.
    public let baseURL: String
    /// The bearer token that may do everything.
    public let token: String
    /// The certificate authority of its certificate, and of the client certificates that it takes.
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
