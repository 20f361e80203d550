import Components

/// What a build waits for whose pod cannot begin, by the condition of its TaskRun: its PipelineRun says that it runs.
struct BuildWaitReading: Equatable {
    /// What it waits for.
    var reason: Reason
    /// The cluster's words, as one line, if they say more.
    var words: String?

    /// What the condition says; `nil` if the pod has begun, or is about to.
    init?(_ condition: TektonCondition) {
        switch condition.reason {
        case "ExceededNodeResources":
            reason = .unschedulable
        case "Pending" where condition.message.hasPrefix(Self.unscheduled):
            reason = .unschedulable
            words = condition.message.oneLine
        case "ExceededResourceQuota":
            reason = .quotaFull
            words = condition.message.oneLine
        case "PullImageFailed":
            reason = .imagePullFailed
            words = condition.message.oneLine
        default:
            return nil
        }
    }

    /// The sentence for users.
    var message: String {
        "\(reason.sentence)\(words.map { ": \($0)" } ?? ""); the build waits, and begins as soon as it can".clipped
    }

    /// How Tekton repeats the pod's condition for other causes than too few resources.
    private static let unscheduled = #"pod status "PodScheduled":"False""#
}
