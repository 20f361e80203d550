import Components
import Foundation
import JSON

extension PipelineRunObject {
    /// How the build is doing, by the run's condition `Succeeded` (Tekton's documentation, "Monitoring execution
    /// status"): without one, or kept queued, it waits; `Unknown` runs; `True` and `False` are the end.
    var observation: BuildObservation {
        var observation = conditionObservation
        observation.startedAt = date("startTime")
        observation.isEnding = spec["status"]?.stringValue.map { Self.endings.contains($0) } ?? false
        return observation
    }

    /// The values of `spec.status` that ask a run to end (Tekton's documentation, "Cancelling a PipelineRun").
    private static let endings: Set = ["Cancelled", "CancelledRunFinally", "StoppedRunFinally"]

    private var conditionObservation: BuildObservation {
        let conditions = status?["conditions"]?.arrayValue ?? []
        guard let condition = conditions.first(where: { $0["type"]?.stringValue == "Succeeded" }) else {
            return BuildObservation(phase: .pending, message: "waiting for the cluster to start it")
        }
        let reason = condition["reason"]?.stringValue ?? ""
        let message = condition["message"]?.stringValue ?? ""
        switch condition["status"]?.stringValue {
        case "True":
            return BuildObservation(phase: .succeeded, message: message.clipped, endedAt: date("completionTime"))
        case "False":
            return BuildObservation(
                phase: Self.endPhase(reason), message: Self.explanation(reason, message).clipped,
                endedAt: date("completionTime"))
        default:
            let isQueued = reason == "PipelineRunPending"
            return BuildObservation(phase: isQueued ? .pending : .running, message: message.clipped)
        }
    }

    private func date(_ name: String) -> Date? {
        status?[name]?.stringValue.flatMap { try? Date($0, strategy: .iso8601) }
    }

    private static func endPhase(_ reason: String) -> BuildPhase {
        switch reason {
        case "Cancelled", "CancelledRunningFinally", "PipelineRunCancelled", "StoppedRunFinally": .cancelled
        case "PipelineRunTimeout": .timedOut
        default: .failed
        }
    }

    /// The message, behind the reason where that says more than that it failed.
    private static func explanation(_ reason: String, _ message: String) -> String {
        switch (reason, message) {
        case ("", ""): "the build failed; the cluster does not say why"
        case ("", _),
            ("Failed", _) where !message.isEmpty:
            message
        case (_, ""): reason
        default: "\(reason): \(message)"
        }
    }
}
