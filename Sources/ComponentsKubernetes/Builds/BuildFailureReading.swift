import Components

/// Why a build failed, as far as Tekton's objects tell: from the run's own condition, then from its TaskRun.
///
/// It never guesses: where nothing is clear the reason is `BuildFailed`, with the step and its exit code. The words are
/// those of Tekton 1.x and, where they differ, of the 0.x versions before it.
struct BuildFailureReading: Equatable {
    /// The cause.
    var reason: Reason
    /// The step that failed; `nil` if none is known to have.
    var step: String?
    /// The exit code of that step.
    var exitCode: Int?
    /// What the cluster or the step says, as one line; `nil` if that says nothing more.
    var words: String?

    /// How a build ended of which this is read.
    var phase: BuildPhase {
        switch reason {
        case .cancelled: .cancelled
        case .buildTimedOut: .timedOut
        default: .failed
        }
    }

    /// The sentence for users: what happened, where, in whose words, and what to do.
    var message: String { reason.message(step: step, exitCode: exitCode, words: words).clipped }
}

// MARK: - The run's own condition

extension BuildFailureReading {
    /// What a run's condition says of its end without success.
    init(runCondition condition: TektonCondition) {
        let words = condition.message.oneLine
        switch condition.reason {
        case "Failed", "":
            // A count of tasks, which says nothing of the cause.
            self.init(reason: .buildFailed, words: words)
        case "Cancelled", "CancelledRunningFinally", "PipelineRunCancelled", "StoppedRunFinally":
            self.init(reason: .cancelled)
        case "PipelineRunTimeout":
            self.init(reason: .buildTimedOut, words: words)
        case "CouldntGetPipeline" where condition.message.contains("not found"),
            "CouldntGetTask" where condition.message.contains("not found"):
            self.init(reason: .pipelineMissing, words: words)
        case "CouldntGetPipeline", "CouldntGetTask":
            // Tekton could not ask for it, as in the moment in which the API server restarts.
            self.init(reason: .clusterRefused, words: words)
        case "CreateRunFailed" where condition.message.contains("exceeded quota"):
            self.init(reason: .quotaFull, words: words)
        case "CreateRunFailed", "ParameterMissing", "ParameterTypeMismatch", "ObjectParameterMissKeys",
            "ParamArrayIndexingInvalid", "InvalidParamValue", "InvalidWorkspaceBindings", "InvalidTaskRunSpecs",
            "InvalidTaskResultReference", "InvalidPipelineResultReference", "InvalidMatrixParameterTypes",
            "InvalidPipelineResourceBindings", "PipelineValidationFailed", "PipelineInvalidGraph",
            "RequiredWorkspaceMarkedOptional", "ResourceVerificationFailed", "CELEvaluationFailed":
            self.init(reason: .clusterRefused, words: Self.words(condition))
        default:
            self.init(reason: .buildFailed, words: Self.words(condition))
        }
    }

    /// The message behind Tekton's word for it.
    private static func words(_ condition: TektonCondition) -> String {
        condition.message.oneLine.map { "\(condition.reason): \($0)" } ?? condition.reason
    }
}

// MARK: - The TaskRun

extension BuildFailureReading {
    /// What the TaskRun of a failed run says; `nil` if it says nothing of a failure.
    init?(_ taskRun: TaskRunObject) {
        guard let condition = taskRun.condition, condition.status == "False" else { return nil }
        let culprit = taskRun.steps.first(where: \.isCulprit)
        let words = condition.message.oneLine
        switch condition.reason {
        case "PodEvicted":
            self.init(reason: .evicted, words: words)
        case "Failed" where Self.evictions.contains(where: condition.message.contains):
            self.init(reason: .evicted, words: words)
        case "TaskRunImagePullFailed":
            self.init(reason: .imagePullFailed, words: Self.pullError(condition.message))
        case "StepOOM", "SidecarOOM", "InitContainerOOM":
            let killed = taskRun.steps.first { $0.end?.reason == "OOMKilled" }
            self.init(
                reason: .outOfMemory, step: killed?.name, exitCode: killed?.end?.exitCode,
                words: killed == nil ? words : nil)
        case "TaskRunTimeout":
            self.init(reason: .buildTimedOut, step: taskRun.interruptedStep, words: words)
        case "TaskRunCancelled":
            self.init(reason: .cancelled)
        case "TaskRunResolutionFailed":
            self.init(reason: .pipelineMissing, words: words)
        case "TaskRunValidationFailed", "TaskValidationFailed", "ResourceVerificationFailed", "InvalidParamValue",
            "PodAdmissionFailed":
            self.init(reason: .clusterRefused, words: Self.words(condition))
        case _ where Self.missesServiceAccount(condition.message):
            self.init(reason: .serviceAccountMissing, words: words)
        case "PodCreationFailed":
            // Nothing ran, so there is no log: the pod is what the cluster makes of its own Pipeline, and Tekton gives up at once,
            // also in the moment in which the API server restarts.
            self.init(reason: .clusterRefused, words: Self.words(condition))
        default:
            guard let culprit, let end = culprit.end else {
                self.init(reason: .buildFailed, words: Self.words(condition))
                return
            }
            self.init(culprit, end)
        }
    }

    /// What the TaskRun of a run says that ran out of time: which step took it, or that none began.
    init(timeoutOf taskRun: TaskRunObject) {
        let step = taskRun.interruptedStep
        let hasNoPod = taskRun.steps.allSatisfy { $0.container == nil }
        self.init(reason: .buildTimedOut, step: step, words: hasNoPod ? "its pod did not begin" : nil)
    }

    private init(_ step: TaskRunObject.Step, _ end: TaskRunObject.Step.End) {
        self.init(reason: .buildFailed, step: step.name, exitCode: end.exitCode)
        if end.reason == "OOMKilled" {
            reason = .outOfMemory
        } else if end.terminationReason == "TimeoutExceeded" {
            reason = .buildTimedOut
        } else {
            add(StepWords(of: end))
        }
    }

    /// Takes what the step itself says of its failure.
    mutating func add(_ stepWords: StepWords) {
        guard let step, let exitCode, reason == .buildFailed else { return }
        if let (cause, line) = stepWords.cause(ofStep: step) {
            (reason, words) = (cause, line)
        } else {
            if let cause = StepWords.cause(ofStep: step, exitCode: exitCode) { reason = cause }
            words = words ?? stepWords.lastLine
        }
    }

    /// What the kubelet's messages hold when it evicts a pod (`pkg/kubelet/eviction/helpers.go`): versions of Tekton
    /// without `PodEvicted` hand on no more than these.
    private static let evictions = [
        "The node was low on resource: ", "The node had condition: ", "exceeded its local ephemeral storage limit",
        "Pod ephemeral local storage usage exceeds the total limit", "Usage of EmptyDir volume ",
    ]

    /// The kubelet's words, without Tekton's around them (which name the image as `""`).
    private static func pullError(_ message: String) -> String? {
        guard let range = message.firstRange(of: "The pod errored with the message: \"") else { return message.oneLine }
        var words = message[range.upperBound...]
        if words.hasSuffix(".\"") { words = words.dropLast(2) }
        return String(words).oneLine
    }

    private static func missesServiceAccount(_ message: String) -> Bool {
        message.contains(/serviceaccounts? "[^"]*" not found/)
    }
}

extension TaskRunObject.Step {
    /// Whether it failed by itself: it ended with another code than 0, and not because an earlier one had failed or the
    /// whole pod was stopped.
    var isCulprit: Bool {
        guard let end, end.exitCode != 0, end.terminationReason != "Skipped" else { return false }
        return !Self.interruptions.contains(end.reason)
    }

    /// Whether it was under way when the task was ended from outside.
    fileprivate var wasInterrupted: Bool {
        container != nil && (end.map { Self.interruptions.contains($0.reason) } ?? true)
    }

    /// The reasons that Tekton gives to every step that had not ended.
    private static let interruptions: Set = ["TaskRunCancelled", "TaskRunTimeout", "TaskRunImagePullFailed"]
}

extension TaskRunObject {
    /// The step that was under way when the task was ended from outside, or is under way now.
    var interruptedStep: String? { steps.first(where: \.wasInterrupted)?.name }
}

extension StepWords {
    /// The words of a step that has ended: its termination message.
    ///
    /// The entrypoint's own report, a list of entries, is none.
    init(of end: TaskRunObject.Step.End) {
        let isReport = end.message.hasPrefix("[{") || end.message.contains("terminated as pod ")
        self.init(isReport ? "" : end.message)
    }
}
