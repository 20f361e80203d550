import Components
import Foundation
import JSON

extension PipelineRunObject {
    /// How the build is doing, by the run's condition `Succeeded` (Tekton's documentation, "Monitoring execution
    /// status"): without one, or kept queued, it waits; `Unknown` runs; `True` and `False` are the end.
    var observation: BuildObservation {
        var observation = conditionObservation
        observation.startedAt = date("startTime")
        if observation.phase.isTerminal {
            observation.endedAt = date("completionTime")
            // Earlier it would be one more write of each record, that nobody needs.
            observation.builder = parameter(Self.builderParameter)
        }
        observation.isEnding = spec["status"]?.stringValue.map { Self.endings.contains($0) } ?? false
        observation.taskRun = taskRun
        return observation
    }

    /// The values of `spec.status` that ask a run to end (Tekton's documentation, "Cancelling a PipelineRun").
    private static let endings: Set = ["Cancelled", "CancelledRunFinally", "StoppedRunFinally"]

    private var conditionObservation: BuildObservation {
        guard let condition = TektonCondition(in: status) else {
            return BuildObservation(phase: .pending, message: "waiting for the cluster to start it")
        }
        switch condition.status {
        case "True":
            let results = BuildResults(in: status)
            return BuildObservation(
                phase: .succeeded, message: condition.message.clipped, commit: results.commit, image: results.image)
        case "False":
            let failure = BuildFailureReading(runCondition: condition)
            return BuildObservation(phase: failure.phase, reason: failure.reason, message: failure.message)
        default:
            let isQueued = condition.reason == "PipelineRunPending"
            return BuildObservation(phase: isQueued ? .pending : .running, message: condition.message.clipped)
        }
    }

    /// The TaskRun of the task that builds, or of the first task.
    private var taskRun: String? {
        let children = (status?["childReferences"]?.arrayValue ?? []).filter { $0["kind"]?.stringValue == "TaskRun" }
        let builds = children.first { $0["pipelineTaskName"]?.stringValue == Self.buildTask }
        return (builds ?? children.first)?["name"]?.stringValue
    }

    private func parameter(_ name: String) -> String? {
        spec["params"]?.arrayValue?.first { $0["name"]?.stringValue == name }?["value"]?.stringValue
    }

    private func date(_ name: String) -> Date? {
        status?[name]?.stringValue.flatMap { try? Date($0, strategy: .iso8601) }
    }
}
