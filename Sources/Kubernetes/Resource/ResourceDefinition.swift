/// Where a kind of resource lives in the API: the part of a path that does not change from object to object.
public struct ResourceDefinition: Sendable, Hashable {
    /// The API group; empty for the core group (`Namespace`, `Pod`, …).
    public let group: String
    /// The version, such as `v1`.
    public let version: String
    /// The name in paths: lower case, plural.
    public let plural: String
    /// The name in objects.
    public let kind: String
    /// Whether its objects live in namespaces.
    public let isNamespaced: Bool

    /// A kind of resource.
    ///
    /// These words are the program's own, never a user's: they go into paths as they are.
    public init(group: String, version: String, plural: String, kind: String, isNamespaced: Bool = true) {
        self.group = group
        self.version = version
        self.plural = plural
        self.kind = kind
        self.isNamespaced = isNamespaced
    }

    /// What objects say of themselves: `group/version`, or `version` alone in the core group.
    public var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

    /// The kind of a list of these.
    public var listKind: String { kind + "List" }

    /// The path of the group and version, where discovery answers which resources it has.
    public var groupPath: String { group.isEmpty ? "/api/\(version)" : "/apis/\(group)/\(version)" }

    /// The resource's name in messages of the API server: `plural.group`.
    public var qualifiedName: String { group.isEmpty ? plural : "\(plural).\(group)" }
}
