public import Components
import Kubernetes
import Logging

/// What is kept of the log of a build.
extension TektonBuildService {
    /// How many lines are looked at: more than have room.
    private static let tailLines = 200
    /// How long all calls together may take: nothing waits for a log.
    private static let patience = Duration.seconds(3)

    /// Reads the end of the log of the step that failed; of a build that is to be ended, of the last step that has written.
    ///
    /// It costs two calls; of a build that has not ended one more, and one for each step that has written nothing.
    public func logTail(
        of build: PlannedBuild, in deployment: DeploymentIdentity, ended observation: BuildObservation?, limit: Int,
        hiding secrets: SecretValues
    ) async -> BuildLogTail? {
        do {
            return try await CallDeadline.within(Self.patience) { () async throws(KubernetesError) in
                try await tail(of: build, deployment, ended: observation, limit: limit, hiding: secrets)
            }
        } catch {
            var metadata = metadata(build, deployment)
            metadata["error"] = "\(error)"
            logger.info("the end of a build's log was not kept", metadata: metadata)
            return nil
        }
    }

    private func tail(
        of build: PlannedBuild, _ deployment: DeploymentIdentity, ended observation: BuildObservation?, limit: Int,
        hiding secrets: SecretValues
    ) async throws(KubernetesError) -> BuildLogTail? {
        var name = observation?.taskRun
        if observation == nil {
            guard let run = try await runs.getIfPresent(build.id), run.belongs(to: build, of: deployment) else {
                return nil
            }
            name = run.observation.taskRun
        }
        guard let name, let taskRun = try await taskRuns.getIfPresent(name), taskRun.belongs(to: build.id),
            let pod = taskRun.podName
        else { return nil }
        let culprit = taskRun.steps.first(where: \.isCulprit)
        for step in culprit.map({ [$0] }) ?? taskRun.steps.reversed() {
            let lines = try await lines(of: step, pod: pod, hiding: secrets)
            if !lines.isEmpty {
                // A step that was ended from outside has a code of Tekton's making.
                let exitCode = step.isCulprit ? step.end?.exitCode : nil
                return BuildLogTail(step: step.name, exitCode: exitCode, endOf: lines, limit: limit)
            }
        }
        return nil
    }

    /// The last lines of a step; none if there is no log.
    private func lines(
        of step: TaskRunObject.Step, pod: String, hiding secrets: SecretValues
    ) async throws(KubernetesError) -> [BuildLogLine] {
        let query = PodLogQuery(
            container: step.container ?? "step-\(step.name)", tailLines: Self.tailLines, timestamps: true)
        let log: PodLog
        do throws(KubernetesError) {
            log = try await client.log(ofPod: pod, namespace: settings.namespace, query, silence: Self.patience)
        } catch {
            if error.logObstacle(ofPod: pod) != nil { return [] }
            throw error
        }
        var reader = BuildLogReader(secrets: secrets)
        var lines: [BuildLogLine] = []
        var pieces = log.makeAsyncIterator()
        while let piece = try await pieces.next() { lines += reader.read(piece) }
        return lines + reader.finish()
    }
}
