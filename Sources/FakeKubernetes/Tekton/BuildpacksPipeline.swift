/// Why a run does not fit the pipeline.
struct PipelineRefusal: Error, Equatable {
    let reason: String
    let message: String
    /// Whether the run's status shows the pipeline.
    let isAfterPipelineWasFound: Bool
    /// Whether it shows it with the run's own parameters put in.
    let isAfterParametersWereFound: Bool
}

/// The one pipeline of the builder: Toolforge's `buildpacks`, with one task.
enum BuildpacksPipeline {
    static let name = "buildpacks"
    static let task = "build-from-git"

    private static let requiredParameters = [
        "BUILDER_IMAGE", "RUN_IMAGE", "APP_IMAGE", "SOURCE_URL", "SOURCE_REFERENCE", "UNRESOLVED_SOURCE_REFERENCE",
    ]
    private static let workspaces = ["source-ws", "cache-ws", "aptbuildpack-ws"]

    /// Checks a run in the order in which the controller does.
    static func check(_ run: PipelineRun) throws(PipelineRefusal) {
        let place = "\(run.namespace)/\(run.name)"
        guard run.pipeline == name else {
            throw PipelineRefusal(
                reason: "CouldntGetPipeline",
                message:
                    "Error retrieving pipeline for pipelinerun \(place): error when getting Pipeline for PipelineRun "
                    + "\(run.name): tekton client cannot get pipeline \(run.pipeline) from local cluster: "
                    + "pipelines.tekton.dev \"\(run.pipeline)\" not found",
                isAfterPipelineWasFound: false, isAfterParametersWereFound: false)
        }
        let parameters = run.names(of: "params")
        let missing = requiredParameters.filter { !parameters.contains($0) }
        guard missing.isEmpty else {
            throw PipelineRefusal(
                reason: "ParameterMissing",
                message: "[User error] PipelineRun \(place) is missing some parameters required by Pipeline "
                    + "\(run.namespace)/\(name): pipelineRun missing parameters: [\(missing.joined(separator: " "))]",
                isAfterPipelineWasFound: true, isAfterParametersWereFound: false)
        }
        let bound = run.names(of: "workspaces")
        if let workspace = workspaces.first(where: { !bound.contains($0) }) {
            throw PipelineRefusal(
                reason: "InvalidWorkspaceBindings",
                message:
                    "[User error] PipelineRun \(place) doesn't bind Pipeline \(run.namespace)/\(name)'s Workspaces "
                    + "correctly: pipeline requires workspace with name \"\(workspace)\" be provided by pipelinerun",
                isAfterPipelineWasFound: true, isAfterParametersWereFound: false)
        }
        guard run.name.utf8.count <= 63 else {
            throw PipelineRefusal(
                reason: "CreateRunFailed",
                message:
                    "TaskRun.tekton.dev \"\(taskRunName(for: run.name))\" is invalid: metadata.labels: Invalid value: "
                    + "\"\(run.name)\": must be no more than 63 bytes",
                isAfterPipelineWasFound: true, isAfterParametersWereFound: true)
        }
    }

    /// The name of a run's TaskRun.
    static func taskRunName(for run: String) -> String { childName(of: run, "-" + task) }

    /// The name of a TaskRun's pod.
    static func podName(for taskRun: String) -> String { childName(of: taskRun, "-pod") }

    /// A name of at most 63 characters: of a long parent only the beginning, and its digest.
    private static func childName(of parent: String, _ suffix: String) -> String {
        guard parent.utf8.count + suffix.utf8.count > 63 else { return parent + suffix }
        let head = String(decoding: parent.utf8.prefix(31 - suffix.utf8.count), as: UTF8.self)
        return head + MD5.hexadecimal(of: parent) + suffix
    }

    /// The steps of the task, in their order.
    static let steps = ["clone", "build", "export"]

    /// The pipeline as a run's status shows it.
    ///
    /// - Parameter run: The run whose parameters are put in; `nil` as long as none were.
    static func specification(of run: PipelineRun?) -> Value {
        var parameters: [Value] = requiredParameters.map { ["name": .string($0), "type": "string"] }
        parameters.append(["default": [], "name": "ENV_VARS", "type": "array"])
        var specification = taskSpecification(of: run)
        specification["metadata"] = [:]
        specification["spec"] = .null
        return [
            "params": .array(parameters),
            "tasks": [
                [
                    "name": .string(task), "params": taskParameters(of: run), "taskSpec": specification,
                    "workspaces": [["name": "source", "workspace": "source-ws"]],
                ]
            ],
            "workspaces": .array(workspaces.map { ["name": .string($0)] }),
        ]
    }

    /// The parameters of the task, with the run's put in.
    static func taskParameters(of run: PipelineRun?) -> Value {
        let sources = [("url", "SOURCE_URL"), ("ref", "SOURCE_REFERENCE"), ("image", "APP_IMAGE")]
        return .array(
            sources.map { name, source in
                [
                    "name": .string(name),
                    "value": .string(run.map { $0.parameter(source) ?? "" } ?? "$(params.\(source))"),
                ]
            })
    }

    /// The task: it clones, builds and exports, and writes the name and the digest of the image.
    static func taskSpecification(of run: PipelineRun?) -> Value {
        let builder = Value.string(run.map { $0.parameter("BUILDER_IMAGE") ?? "" } ?? "$(params.BUILDER_IMAGE)")
        func step(_ name: String, _ image: Value, _ command: [Value]) -> Value {
            ["name": .string(name), "image": image, "command": .array(command), "computeResources": [:]]
        }
        return [
            "params": [
                ["name": "url", "type": "string"], ["name": "ref", "type": "string"],
                ["name": "image", "type": "string"],
            ],
            "results": [
                ["name": "APP_IMAGE_URL", "type": "string"], ["name": "APP_IMAGE_DIGEST", "type": "string"],
            ],
            "steps": [
                step("clone", gitImage, ["git", "clone", "$(params.url)"]),
                step("build", builder, ["/cnb/lifecycle/builder"]),
                step(
                    "export", builder,
                    ["/cnb/lifecycle/exporter", "$(params.image)", "$(results.APP_IMAGE_DIGEST.path)"]),
            ],
            "workspaces": [["name": "source"]],
        ]
    }

    static let gitImage: Value = "registry.example/git:1"

    /// The feature flags that the recorded controller reported.
    static let provenance: Value = [
        "featureFlags": [
            "awaitSidecarReadiness": true, "coschedule": "workspaces", "enableAPIFields": "beta",
            "enableProvenanceInStatus": true, "enforceNonfalsifiability": "none", "maxResultSize": 4096,
            "resultExtractionMethod": "termination-message", "runningInEnvWithInjectedSidecars": true,
            "sendCloudEventsForRuns": true, "verificationNoMatchPolicy": "ignore",
        ]
    ]
}
