public import JSON

/// A namespace: what tells "no such object" from "no such place".
///
/// A `get` in a namespace that does not exist says only that the object is not found.
public struct Namespace: KubernetesResource {
    /// `namespaces`, of the core group.
    public static let definition = ResourceDefinition(
        group: "", version: "v1", plural: "namespaces", kind: "Namespace", isNamespaced: false)

    /// The namespace's metadata.
    public let metadata: ObjectMetadata
    /// Whether it is on its way out, so that nothing new may be created in it.
    public let isTerminating: Bool

    /// Reads a namespace.
    public init(json: JSONValue) throws(KubernetesError) {
        metadata = try ObjectMetadata(json: json["metadata"] ?? .null)
        isTerminating = json["status"]?["phase"]?.stringValue == "Terminating" || metadata.deletionTimestamp != nil
    }

    /// The namespace as it is sent.
    public var json: JSONValue { ["metadata": metadata.json] }
}
