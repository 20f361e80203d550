import Foundation

/// How a run ended.
enum BuildEnding: Sendable, Equatable {
    case succeeded
    /// A step failed; why stands in the TaskRun.
    case failed
    case timedOut(GoDuration)
    case cancelled
    /// Cancelled or stopped gracefully before its tasks were started.
    case cancelledBeforeStart
    /// Its TaskRun was cancelled by somebody else.
    case taskCancelled
    case refused(PipelineRefusal)
}

extension PipelineRun {
    /// The run with the label of its pipeline.
    var labelled: Value {
        var labelled = value
        labelled.set(.string(pipeline), at: "metadata", "labels", "tekton.dev/pipeline")
        return labelled
    }

    /// The run, held.
    func held(at time: Date) -> Value {
        withStatus { status in
            status["conditions"] = condition(
                status: "Unknown", reason: "PipelineRunPending", message: "PipelineRun \"\(name)\" is pending", at: time
            )
        }
    }

    /// The run with its one task begun.
    func running(at time: Date) -> Value {
        withStatus { status in
            status["startTime"] = .string(time.timestamp)
            status["childReferences"] = [
                [
                    "apiVersion": "tekton.dev/v1", "kind": "TaskRun",
                    "pipelineTaskName": .string(BuildpacksPipeline.task), "name": .string(taskRunName),
                ]
            ]
            status["pipelineSpec"] = BuildpacksPipeline.specification(of: self)
            status["provenance"] = BuildpacksPipeline.provenance
            status["conditions"] = condition(
                status: "Unknown", reason: "Running",
                message: "Tasks Completed: 0 (Failed: 0, Cancelled 0), Incomplete: 1, Skipped: 0", at: time)
        }
    }

    /// The run, ended.
    func ended(_ ending: BuildEnding, at time: Date) -> Value {
        withStatus { status in
            let text = time.timestamp
            if status["startTime"] == nil, ending != .cancelledBeforeStart { status["startTime"] = .string(text) }
            status["completionTime"] = .string(text)
            switch ending {
            case .refused(let refusal) where refusal.isAfterPipelineWasFound:
                status["pipelineSpec"] = BuildpacksPipeline.specification(
                    of: refusal.isAfterParametersWereFound ? self : nil)
                status["provenance"] = BuildpacksPipeline.provenance
            case .cancelledBeforeStart:
                status["pipelineSpec"] = BuildpacksPipeline.specification(of: self)
                status["provenance"] = BuildpacksPipeline.provenance
            default: break
            }
            let (reason, message) = reasonAndMessage(of: ending)
            status["conditions"] = condition(
                status: ending == .succeeded ? "True" : "False", reason: reason, message: message, at: time)
        }
    }

    /// The run while it waits for its task to end.
    func reporting(reason: String, at time: Date) -> Value {
        withStatus { status in
            status["conditions"] = condition(
                status: "Unknown", reason: reason,
                message: "Tasks Completed: 0 (Failed: 0, Cancelled 0), Incomplete: 1, Skipped: 0", at: time)
        }
    }

    /// The name of its one TaskRun.
    var taskRunName: String { BuildpacksPipeline.taskRunName(for: name) }

    /// The TaskRun that is created for it.
    func taskRun(at time: Date) -> Value {
        var labels = value.at("metadata", "labels") ?? [:]
        for (key, text) in [
            ("app.kubernetes.io/managed-by", "tekton-pipelines"), ("tekton.dev/memberOf", "tasks"),
            ("tekton.dev/pipeline", pipeline), ("tekton.dev/pipelineRun", name),
            ("tekton.dev/pipelineRunUID", value.uid), ("tekton.dev/pipelineTask", BuildpacksPipeline.task),
        ] { labels[key] = .string(text) }
        var annotations = value.at("metadata", "annotations") ?? [:]
        annotations["pipeline.tekton.dev/release"] = "unknown"
        let account = value.at("spec", "taskRunSpecs")?.array?
            .first { $0["pipelineTaskName"]?.string == BuildpacksPipeline.task }?["serviceAccountName"]
        let workspaces = value.at("spec", "workspaces")?.array ?? []
        var source = workspaces.first { $0["name"] == "source-ws" } ?? ["emptyDir": [:]]
        source["name"] = "source"
        return [
            "apiVersion": "tekton.dev/v1", "kind": "TaskRun",
            "metadata": [
                "name": .string(taskRunName), "namespace": .string(namespace), "labels": labels,
                "annotations": annotations, "ownerReferences": [value.ownerReference],
            ],
            "spec": [
                "params": BuildpacksPipeline.taskParameters(of: self),
                "serviceAccountName": account ?? value.at("spec", "taskRunTemplate", "serviceAccountName") ?? "default",
                "taskSpec": BuildpacksPipeline.taskSpecification(of: self),
                "timeout": value.at("spec", "timeouts", "pipeline") ?? "1h0m0s", "workspaces": [source],
            ],
        ]
    }

    private func reasonAndMessage(of ending: BuildEnding) -> (reason: String, message: String) {
        switch ending {
        case .succeeded: ("Succeeded", "Tasks Completed: 1 (Failed: 0, Cancelled 0), Skipped: 0")
        case .failed: ("Failed", "Tasks Completed: 1 (Failed: 1, Cancelled 0), Skipped: 0")
        case .taskCancelled: ("Cancelled", "Tasks Completed: 1 (Failed: 0, Cancelled 1), Skipped: 0")
        case .timedOut(let limit):
            ("PipelineRunTimeout", "PipelineRun \"\(name)\" failed to finish within \"\(limit)\"")
        case .cancelled, .cancelledBeforeStart: ("Cancelled", "PipelineRun \"\(name)\" was cancelled")
        case .refused(let refusal): (refusal.reason, refusal.message)
        }
    }

    private func withStatus(_ change: (inout Members) -> Void) -> Value {
        var status = value["status"]?.object ?? [:]
        change(&status)
        var result = value
        result["status"] = .object(status)
        return result
    }

    private func condition(status: String, reason: String, message: String, at time: Date) -> Value {
        [
            [
                "type": "Succeeded", "status": .string(status), "reason": .string(reason), "message": .string(message),
                "lastTransitionTime": .string(time.timestamp),
            ]
        ]
    }
}

extension Value {
    /// The reference by which the objects that are made for this one name it as their owner.
    var ownerReference: Value {
        [
            "apiVersion": self["apiVersion"] ?? "", "kind": self["kind"] ?? "", "name": .string(name),
            "uid": .string(uid), "controller": true, "blockOwnerDeletion": true,
        ]
    }
}
