/// Why the pipeline cannot take a run.
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

    /// The name of a run's one TaskRun: at most 63 characters, a long run name cut and given its digest.
    static func taskRunName(for run: String) -> String {
        let suffix = "-" + task
        guard run.utf8.count + suffix.utf8.count > 63 else { return run + suffix }
        let head = String(decoding: run.utf8.prefix(31 - suffix.utf8.count), as: UTF8.self)
        return head + MD5.hexadecimal(of: run) + suffix
    }

    /// The pipeline as a run's status shows it.
    ///
    /// - Parameter url: The run's own; `nil` as long as nothing was put in.
    static func specification(url: String?) -> Value {
        var parameters: [Value] = requiredParameters.map { ["name": .string($0), "type": "string"] }
        parameters.append(["default": [], "name": "ENV_VARS", "type": "array"])
        let step: Value = [
            "command": ["sh", "-c", "echo $(params.url)"], "computeResources": [:], "image": "busybox", "name": "build",
        ]
        return [
            "params": .array(parameters),
            "tasks": [
                [
                    "name": .string(task),
                    "params": [["name": "url", "value": .string(url ?? "$(params.SOURCE_URL)")]],
                    "taskSpec": [
                        "metadata": [:], "params": [["name": "url", "type": "string"]], "spec": .null, "steps": [step],
                    ],
                ]
            ],
            "workspaces": .array(workspaces.map { ["name": .string($0)] }),
        ]
    }

    /// What the real controller says about itself.
    static let provenance: Value = [
        "featureFlags": [
            "awaitSidecarReadiness": true, "coschedule": "workspaces", "enableAPIFields": "beta",
            "enableProvenanceInStatus": true, "enforceNonfalsifiability": "none", "maxResultSize": 4096,
            "resultExtractionMethod": "termination-message", "runningInEnvWithInjectedSidecars": true,
            "sendCloudEventsForRuns": true, "verificationNoMatchPolicy": "ignore",
        ]
    ]
}
