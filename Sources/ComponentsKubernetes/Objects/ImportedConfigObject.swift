import JSON
import Kubernetes

/// A `ToolConfig` of the Python components-api: its `spec` is the config, as far as that keeps one.
struct ImportedConfigObject: KubernetesResource {
    static let definition = ResourceDefinition(
        group: "components-api.toolforge.org", version: "v1", plural: "toolconfigs", kind: "ToolConfig")

    let metadata: ObjectMetadata
    /// The config; `nil` in an object that has none.
    let document: JSONValue?

    init(json: JSONValue) throws(KubernetesError) {
        metadata = try ObjectMetadata(json: json["metadata"] ?? .null)
        document = json["spec"]
    }

    var json: JSONValue { ["metadata": metadata.json, "spec": document ?? .null] }
}
