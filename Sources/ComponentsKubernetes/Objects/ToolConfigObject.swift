import JSON
import Kubernetes

/// A `ToolConfig`: its `spec` is the config as it was given.
struct ToolConfigObject: KubernetesResource {
    static let definition = CustomResources.toolConfig

    let metadata: ObjectMetadata
    /// The config; `nil` in an object without one, which this service does not make.
    let document: JSONValue?

    init(name: String, document: JSONValue) {
        metadata = ObjectMetadata(name: name)
        self.document = document
    }

    init(json: JSONValue) throws(KubernetesError) {
        metadata = try ObjectMetadata(json: json["metadata"] ?? .null)
        document = json["spec"]
    }

    var json: JSONValue { ["metadata": metadata.json, "spec": document ?? .null] }
}
