/// A PipelineRun as the builder reads it.
struct PipelineRun: Sendable {
    /// One run among all that ever bore its name.
    struct Identity: Sendable, Hashable {
        let name: String
        let uid: String
    }

    let value: Value

    init(_ value: Value) { self.value = value }

    var name: String { value.at("metadata", "name")?.string ?? "" }
    var namespace: String { value.at("metadata", "namespace")?.string ?? "" }
    var identity: Identity { Identity(name: name, uid: value.at("metadata", "uid")?.string ?? "") }
    var creation: String { value.at("metadata", "creationTimestamp")?.string ?? "" }
    var pipeline: String { value.at("spec", "pipelineRef", "name")?.string ?? "" }

    /// Whether it is to wait: `spec.status` is `PipelineRunPending`.
    var isHeld: Bool { value.at("spec", "status") == "PipelineRunPending" }

    /// Whether it is to end: each of the three ways ends the one task of this pipeline at once.
    var isCancelled: Bool {
        ["Cancelled", "CancelledRunFinally", "StoppedRunFinally"].contains(value.at("spec", "status")?.string ?? "")
    }

    /// The condition `Succeeded`; `nil` before the builder has seen the run.
    var condition: Value? {
        value.at("status", "conditions")?.array?.first { $0["type"] == "Succeeded" }
    }

    /// Whether it has ended, well or not.
    var hasEnded: Bool { condition.map { $0["status"] != "Unknown" } ?? false }

    /// The longest that the run may take; Tekton's default is an hour, `0s` means for ever.
    var timeout: GoDuration? {
        let text = value.at("spec", "timeouts", "pipeline")?.string ?? value.at("spec", "timeout")?.string ?? "1h"
        guard let duration = GoDuration(text), duration.duration > .zero else { return nil }
        return duration
    }

    /// The value of a parameter that is a string.
    func parameter(_ name: String) -> String? {
        value.at("spec", "params")?.array?.first { $0["name"]?.string == name }?["value"]?.string
    }

    /// The names of the parameters, or of the workspaces, that the run gives.
    func names(of list: String) -> Set<String> {
        Set((value.at("spec", list)?.array ?? []).compactMap { $0["name"]?.string })
    }
}
