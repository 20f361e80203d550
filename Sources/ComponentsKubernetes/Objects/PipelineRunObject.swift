import Components
import JSON
import Kubernetes

/// A Tekton `PipelineRun`: the spec that this service writes, and the condition `Succeeded` that it reads.
struct PipelineRunObject: KubernetesResource {
    static let definition = ResourceDefinition(
        group: "tekton.dev", version: "v1", plural: "pipelineruns", kind: "PipelineRun")
    static let deploymentAnnotation = CustomResources.annotation("deployment")
    static let componentAnnotation = CustomResources.annotation("component")
    static let toolLabel = CustomResources.annotation("tool")
    /// The task of the pipeline that builds.
    static let buildTask = "build-from-git"
    /// The parameter that names the image of the buildpacks.
    static let builderParameter = "BUILDER_IMAGE"

    let metadata: ObjectMetadata
    let spec: JSONValue
    let status: JSONValue?

    init(json: JSONValue) throws(KubernetesError) {
        metadata = try ObjectMetadata(json: json["metadata"] ?? .null)
        spec = json["spec"] ?? .null
        status = json["status"]
    }

    /// The run that makes a build on Toolforge.
    ///
    /// The labels select this service's own runs. Deployment and component are annotations: a deployment's id can be too long
    /// for a label.
    ///
    /// - Parameter isCancelled: whether the run is created as cancelled. It never starts, and only takes the name.
    init(
        _ build: PlannedBuild, of deployment: DeploymentIdentity, settings: BuildSettings, isCancelled: Bool = false
    ) {
        let tool = deployment.tool
        metadata = ObjectMetadata(
            name: build.id,
            labels: [
                "user": tool.value, "app.kubernetes.io/managed-by": "components-api", Self.toolLabel: tool.value,
            ],
            annotations: [Self.deploymentAnnotation: deployment.id, Self.componentAnnotation: build.component])
        let ref = JSONValue.string(build.ref ?? "HEAD")
        let images = settings.images(for: build.options.versions)
        let source = build.commit.map(JSONValue.string) ?? ref
        var spec: JSONObject = [
            "pipelineRef": ["name": .string(settings.pipeline)],
            "timeouts": ["pipeline": .string("\(settings.timeout.components.seconds)s")],
            "taskRunSpecs": [
                ["pipelineTaskName": .string(Self.buildTask), "serviceAccountName": .string(settings.serviceAccount)]
            ],
            "params": [
                Self.parameter(Self.builderParameter, .string(images.builder)),
                Self.parameter("RUN_IMAGE", .string(images.run)),
                Self.parameter(
                    "APP_IMAGE", .string("\(settings.registry)/\(tool.namespace)/\(build.component):latest")),
                Self.parameter("SOURCE_URL", .string(build.repository)),
                Self.parameter("SOURCE_REFERENCE", source),
                Self.parameter("UNRESOLVED_SOURCE_REFERENCE", ref),
                Self.parameter(
                    "ENV_VARS", .array(build.options.environment.map { .string("\($0.name)=\($0.value)") })),
            ],
            "workspaces": [
                ["name": "source-ws", "emptyDir": [:]], ["name": "cache-ws", "emptyDir": [:]],
                ["name": "aptbuildpack-ws", "emptyDir": [:]],
            ],
        ]
        if isCancelled { spec["status"] = "Cancelled" }
        self.spec = .object(spec)
        status = nil
    }

    var json: JSONValue { ["metadata": metadata.json, "spec": spec] }

    private static func parameter(_ name: String, _ value: JSONValue) -> JSONValue {
        ["name": .string(name), "value": value]
    }

    /// Whether this is the run of that build, and not another one that has its name.
    func belongs(to build: PlannedBuild, of deployment: DeploymentIdentity) -> Bool {
        metadata.annotations[Self.deploymentAnnotation] == deployment.id
            && metadata.annotations[Self.componentAnnotation] == build.component
    }
}
