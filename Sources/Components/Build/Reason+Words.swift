extension Reason {
    /// What happened, for people: the beginning of a sentence.
    public var sentence: String {
        switch self {
        case .repositoryNotFound: "there is no such repository"
        case .repositoryPrivate: "the repository is private, or does not exist"
        case .repositoryUnreachable: "the repository's host did not respond as a git server does"
        case .refNotFound: "the repository has no such branch, tag or commit"
        case .buildpackNotDetected: "no buildpack knows what to do with the code"
        case .buildFailed: "the build failed"
        case .outOfMemory: "the build took more memory than it may"
        case .buildTimedOut: "the build took longer than it may"
        case .registryQuotaExceeded: "the tool's space in the image registry is full"
        case .registryRefused: "the image registry did not accept the image"
        case .evicted: "the cluster removed the build from its node to make room"
        case .imagePullFailed: "an image that builds run on could not be fetched"
        case .unschedulable: "the cluster has no node with room for the build"
        case .pipelineMissing: "the cluster does not have the pipeline that builds"
        case .serviceAccountMissing: "the cluster does not have the account that builds run as"
        case .vanished: "the build has vanished from the cluster before its end was seen"
        case .clusterRefused: "the cluster refused the build"
        case .quotaFull: "the cluster has no room for another build now"
        case .notStarted: "the build was not started in time"
        case .deploymentTimedOut: "the deployment took longer than it may"
        case .cancelled: "it was cancelled"
        case .cancelling: "it is being cancelled"
        case .superseded: "a newer deployment took its place"
        case .unchanged: "nothing has changed since the newest good build, whose image is taken"
        }
    }

    /// What to do next, for people: the end of the sentence.
    public var nextStep: String {
        switch self {
        case .repositoryNotFound: "correct build.repository in the config"
        case .repositoryPrivate: "builds have no credentials: make it public, or correct build.repository"
        case .repositoryUnreachable: "check the host in build.repository, or deploy again later"
        case .refNotFound: "correct build.ref in the config, or push what it names"
        case .buildpackNotDetected: "put a Procfile, and the files that a buildpack looks for, into the repository"
        case .buildFailed: "the build's log says more"
        case .outOfMemory: "make the build need less memory"
        case .buildTimedOut: "make the build shorter: its log shows what takes the time"
        case .registryQuotaExceeded: "remove old images with toolforge build clean, or ask for more space"
        case .registryRefused, .clusterRefused: "deploy again; if that does not help, tell Toolforge's admins"
        case .evicted, .vanished, .notStarted, .deploymentTimedOut: "deploy again"
        case .imagePullFailed: "deploy again later; if that does not help, tell Toolforge's admins"
        case .unschedulable: "it starts as soon as there is room"
        case .pipelineMissing, .serviceAccountMissing: "tell Toolforge's admins"
        case .quotaFull: "deploy again later"
        case .cancelled: "deploy again if it is still wanted"
        case .cancelling: "wait for its end"
        case .superseded: "follow the newer deployment"
        case .unchanged: "there is nothing to do"
        }
    }

    /// The sentence about a build that failed for this reason: what happened, where, in whose words, and what to do.
    ///
    /// - Parameters:
    ///   - step: the step that failed, if it is known.
    ///   - exitCode: with which code it ended.
    ///   - words: what the step or the cluster says of it, as one line.
    public func message(step: String?, exitCode: Int?, words: String?) -> String {
        let place = [step.map { "step \($0)" }, exitCode.map { "exit code \($0)" }].compactMap(\.self)
        var text = sentence
        if !place.isEmpty { text += " (\(place.joined(separator: ", ")))" }
        if let words { text += ": \(words)" }
        return "\(text); \(nextStep)"
    }
}
