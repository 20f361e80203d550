/// What this service's own account may do in the cluster.
public protocol ServiceRights: Sendable {
    /// The rights that it needs and does not have now, or did not have up to a minute ago.
    func missing() async throws(ClusterFailure) -> [MissingRight]
}

/// A right that this service needs and does not have.
public struct MissingRight: Sendable, Equatable {
    /// The right in the words of the cluster, as `create pipelineruns.tekton.dev in image-build`.
    public var name: String
    /// Whether configs or deployments fail without it; otherwise only something beside them does.
    public var isEssential: Bool

    /// A right.
    public init(name: String, isEssential: Bool) {
        self.name = name
        self.isEssential = isEssential
    }
}
