public import JSON

/// A namespace, to tell a missing namespace from a missing object.
///
/// A `get` in a namespace that does not exist says only that the object is not found.
public struct Namespace: KubernetesResource {
    /// `namespaces`, of the core group.
    public static let definition = ResourceDefinition(
        group: "", version: "v1", plural: "namespaces", kind: "Namespace", isNamespaced: false)

    /// The namespace's metadata.
    public let metadata: ObjectMetadata

    /// Reads a namespace.
    public init(json: JSONValue) throws(KubernetesError) {
        metadata = try ObjectMetadata(json: json["metadata"] ?? .null)
    }

    /// The namespace as it is sent.
    public var json: JSONValue { ["metadata": metadata.json] }
}
