/// A PipelineRun as Tekton's controller reads it.
struct PipelineRun: Sendable {
    /// One run among all that ever had its name.
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

    var isHeld: Bool { request == .pending }
    /// Whether its tasks have been started.
    var hasBegun: Bool { value.at("status", "startTime") != nil }
    var isBeingDeleted: Bool { value.isBeingDeleted }

    /// What a client asks for in `spec.status`.
    var request: Request? { value.at("spec", "status")?.string.flatMap(Request.init(rawValue:)) }

    enum Request: String {
        case pending = "PipelineRunPending"
        case cancelled = "Cancelled"
        case cancelledRunFinally = "CancelledRunFinally"
        case stoppedRunFinally = "StoppedRunFinally"
    }

    /// The condition `Succeeded`; `nil` before the controller has seen the run.
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

    // MARK: What the controller does next

    enum Step: Equatable {
        /// Give it the label of its pipeline.
        case label
        /// Report that it is held.
        case hold
        /// Check it, start its task and report that it runs; or report why it is refused.
        case start
        /// Start its task again: somebody deleted the TaskRun.
        case restart
        /// Cancel its TaskRun, with that message.
        case cancelTask(String)
        /// Report that it waits for its task to end.
        case report(reason: String)
        case end(BuildEnding)
    }

    static let cancellation = "TaskRun cancelled as the PipelineRun it belongs to has been cancelled."
    static let timeoutMessage = "TaskRun cancelled as the PipelineRun it belongs to has timed out."

    /// - Parameters:
    ///   - taskRun: Its TaskRun; `nil` if there is none.
    ///   - mayProceed: Whether the builder is not paused and, for a run that is not held, has room for it.
    ///   - isOverdue: Whether its time is over.
    func steps(taskRun: TaskRun?, mayProceed: Bool, isOverdue: Bool) -> [Step] {
        guard !hasEnded, !isBeingDeleted else { return [] }
        let ends = taskRun?.hasEnded ?? false
        switch request {
        case .cancelled: return [.label, .cancelTask(Self.cancellation), .end(.cancelled)]
        case .cancelledRunFinally where !hasBegun, .stoppedRunFinally where !hasBegun:
            return [.label, .end(.cancelledBeforeStart)]
        case .cancelledRunFinally where !ends && taskRun != nil:
            return [.report(reason: "CancelledRunningFinally"), .cancelTask(Self.cancellation)]
        case .stoppedRunFinally where !ends && taskRun != nil && !isOverdue:
            return [.report(reason: "StoppedRunningFinally")]
        default: break
        }
        if isOverdue, let timeout { return [.cancelTask(Self.timeoutMessage), .end(.timedOut(timeout))] }
        guard hasBegun else {
            guard mayProceed else { return [] }
            return isHeld ? (condition == nil ? [.label, .hold] : []) : [.label, .start]
        }
        guard let taskRun else { return request == nil ? [.restart] : [.end(.cancelled)] }
        guard taskRun.hasEnded else { return [] }
        switch (taskRun.hasSucceeded, taskRun.isCancelled, request) {
        case (true, _, nil), (true, _, .pending): return [.end(.succeeded)]
        case (true, _, _?), (false, true, _?): return [.end(.cancelled)]
        case (false, true, nil): return [.end(.taskCancelled)]
        case (false, false, _): return [.end(.failed)]
        }
    }
}
