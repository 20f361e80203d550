public import Components
import Kubernetes

/// What a build's TaskRun tells beyond its PipelineRun, which never says why a step failed, nor what was built.
extension TektonBuildService {
    /// Reads the TaskRun of a build: the cause if it failed, what was built if it did not, what it waits for if it has not
    /// ended.
    ///
    /// It costs one call, and none where the run itself has told all: if it was cancelled or never began.
    public func explain(
        _ observation: BuildObservation, of build: PlannedBuild, in deployment: DeploymentIdentity
    ) async -> BuildObservation {
        guard let name = observation.taskRun, observation.isWorthExplaining,
            let taskRun = await taskRun(name, build, deployment)
        else { return observation }
        return observation.explained(by: taskRun).concealed(build.options)
    }

    /// - Returns: `nil` if it is gone, is another's or cannot be read: then the build ends with what its run said.
    private func taskRun(
        _ name: String, _ build: PlannedBuild, _ deployment: DeploymentIdentity
    ) async -> TaskRunObject? {
        let taskRun = try? await logger.clusterRead("read task of build", metadata(build, deployment)) {
            () throws(KubernetesError) in
            try await taskRuns.getIfPresent(name)
        }
        return taskRun.flatMap(\.self).flatMap { $0.belongs(to: build.id) ? $0 : nil }
    }
}

extension BuildObservation {
    /// Whether a TaskRun can add to it.
    fileprivate var isWorthExplaining: Bool {
        switch phase {
        case .succeeded: image == nil
        case .failed: reason == nil || reason == .buildFailed
        case .running, .timedOut: true
        case .pending, .cancelled: false
        }
    }

    /// The same with what the TaskRun adds.
    func explained(by taskRun: TaskRunObject) -> Self {
        var explained = self
        switch phase {
        case .succeeded:
            let results = BuildResults(in: taskRun.status)
            explained.image = results.image
            explained.commit = results.commit
        case .failed:
            guard let failure = BuildFailureReading(taskRun) else { return self }
            explained.phase = failure.phase
            explained.reason = failure.reason
            explained.message = failure.message
        case .timedOut:
            explained.message = BuildFailureReading(timeoutOf: taskRun).message
        case .running:
            guard let condition = taskRun.condition, condition.status == "Unknown" else { return self }
            explained.hasBegun = condition.reason == "Running"
            guard let wait = BuildWaitReading(condition) else { return explained }
            explained.reason = wait.reason
            explained.message = wait.message
        case .pending, .cancelled:
            break
        }
        return explained
    }
}
