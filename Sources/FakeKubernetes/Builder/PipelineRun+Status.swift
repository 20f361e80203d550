import Foundation

/// How a run ended.
enum BuildEnding: Sendable, Equatable {
    case succeeded
    /// The build itself failed; what git said.
    case failed(String)
    case timedOut(GoDuration)
    case cancelled
    case refused(PipelineRefusal)
}

extension PipelineRun {
    /// The run as the controller leaves it when it first sees it: with its label and defaults; `nil` if it has them.
    var adopted: Value? {
        var adopted = value
        adopted.set(.string(pipeline), at: "metadata", "labels", "tekton.dev/pipeline")
        if adopted.at("spec", "taskRunTemplate") == nil { adopted.set([:], at: "spec", "taskRunTemplate") }
        for list in ["params", "workspaces"] where adopted.at("spec", list) == [] {
            adopted.set(nil, at: "spec", list)
        }
        return adopted == value ? nil : adopted
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
            status["startTime"] = .string(time.timestampOfBuild)
            status["childReferences"] = [
                [
                    "apiVersion": "tekton.dev/v1", "kind": "TaskRun", "pipelineTaskName": "build-from-git",
                    "name": .string(BuildpacksPipeline.taskRunName(for: name)),
                ]
            ]
            status["pipelineSpec"] = BuildpacksPipeline.specification(url: parameter("SOURCE_URL"))
            status["provenance"] = BuildpacksPipeline.provenance
            status["conditions"] = condition(
                status: "Unknown", reason: "Running",
                message: "Tasks Completed: 0 (Failed: 0, Cancelled 0), Incomplete: 1, Skipped: 0", at: time)
        }
    }

    /// The run, ended.
    func ended(_ ending: BuildEnding, at time: Date) -> Value {
        withStatus { status in
            let text = time.timestampOfBuild
            if status["startTime"] == nil { status["startTime"] = .string(text) }
            status["completionTime"] = .string(text)
            if case .refused(let refusal) = ending, refusal.isAfterPipelineWasFound {
                let url = refusal.isAfterParametersWereFound ? parameter("SOURCE_URL") : nil
                status["pipelineSpec"] = BuildpacksPipeline.specification(url: url)
                status["provenance"] = BuildpacksPipeline.provenance
            }
            let (reason, message) = words(for: ending)
            status["conditions"] = condition(
                status: ending == .succeeded ? "True" : "False", reason: reason, message: message, at: time)
        }
    }

    private func words(for ending: BuildEnding) -> (reason: String, message: String) {
        switch ending {
        case .succeeded: ("Succeeded", "Tasks Completed: 1 (Failed: 0, Cancelled 0), Skipped: 0")
        case .failed(let words): ("Failed", "Tasks Completed: 1 (Failed: 1, Cancelled 0), Skipped: 0: \(words)")
        case .timedOut(let limit):
            ("PipelineRunTimeout", "PipelineRun \"\(name)\" failed to finish within \"\(limit)\"")
        case .cancelled: ("Cancelled", "PipelineRun \"\(name)\" was cancelled")
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
                "lastTransitionTime": .string(time.timestampOfBuild),
            ]
        ]
    }
}

extension Date {
    fileprivate var timestampOfBuild: String { formatted(.iso8601) }
}
