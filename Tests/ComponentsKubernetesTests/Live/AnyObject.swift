import JSON
import Kubernetes

/// A PipelineRun as anybody sees it.
struct AnyRun: KubernetesResource {
    static let definition = ResourceDefinition(
        group: "tekton.dev", version: "v1", plural: "pipelineruns", kind: "PipelineRun")
    let metadata: ObjectMetadata
    let json: JSONValue

    init(json: JSONValue) throws(KubernetesError) {
        metadata = try ObjectMetadata(json: json["metadata"] ?? .null)
        self.json = json
    }
}

/// A TaskRun as Tekton makes it.
struct AnyTaskRun: KubernetesResource {
    static let definition = ResourceDefinition(group: "tekton.dev", version: "v1", plural: "taskruns", kind: "TaskRun")
    let metadata: ObjectMetadata
    let json: JSONValue

    init(json: JSONValue) throws(KubernetesError) {
        metadata = try ObjectMetadata(json: json["metadata"] ?? .null)
        self.json = json
    }
}

/// A limit on the number of objects.
struct AnyQuota: KubernetesResource {
    static let definition = ResourceDefinition(
        group: "", version: "v1", plural: "resourcequotas", kind: "ResourceQuota")
    let metadata: ObjectMetadata
    let json: JSONValue

    init(json: JSONValue) throws(KubernetesError) {
        metadata = try ObjectMetadata(json: json["metadata"] ?? .null)
        self.json = json
    }
}

/// A deployment's record as anybody with the rights could write it.
struct AnyRecord: KubernetesResource {
    static let definition = ResourceDefinition(
        group: "deploy.toolforge.org", version: "v1", plural: "tooldeployments", kind: "ToolDeployment")
    let metadata: ObjectMetadata
    let json: JSONValue

    init(json: JSONValue) throws(KubernetesError) {
        metadata = try ObjectMetadata(json: json["metadata"] ?? .null)
        self.json = json
    }
}

/// A config as anybody with the rights could write it.
struct AnyConfig: KubernetesResource {
    static let definition = ResourceDefinition(
        group: "deploy.toolforge.org", version: "v1", plural: "toolconfigs", kind: "ToolConfig")
    let metadata: ObjectMetadata
    let json: JSONValue

    init(json: JSONValue) throws(KubernetesError) {
        metadata = try ObjectMetadata(json: json["metadata"] ?? .null)
        self.json = json
    }
}

/// A pod as anybody sees it.
struct AnyPod: KubernetesResource {
    static let definition = ResourceDefinition(group: "", version: "v1", plural: "pods", kind: "Pod")
    let metadata: ObjectMetadata
    let json: JSONValue

    init(json: JSONValue) throws(KubernetesError) {
        metadata = try ObjectMetadata(json: json["metadata"] ?? .null)
        self.json = json
    }
}
