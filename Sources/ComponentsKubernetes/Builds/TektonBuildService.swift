public import Components
import Foundation
import JSON
public import Kubernetes
public import Logging

/// Builds as Tekton PipelineRuns in one namespace, the way Toolforge's own builds are.
public struct TektonBuildService: BuildService {
    /// How often a prevention is tried while the build appears and disappears concurrently.
    private static let preventions = 4

    let runs: ResourceClient<PipelineRunObject>
    let taskRuns: ResourceClient<TaskRunObject>
    let client: KubernetesClient
    let settings: BuildSettings
    let logger: Logger

    /// Builds in that cluster.
    public init(client: KubernetesClient, settings: BuildSettings = BuildSettings(), logger: Logger) {
        runs = client.resources(PipelineRunObject.self, namespace: settings.namespace)
        taskRuns = client.resources(TaskRunObject.self, namespace: settings.namespace)
        self.client = client
        self.settings = settings
        self.logger = logger
    }

    /// Reads the run of that name.
    public func observe(
        _ build: PlannedBuild, of deployment: DeploymentIdentity
    ) async throws(ClusterFailure) -> BuildObservation? {
        let run = try await logger.clusterRead("read build", metadata(build, deployment)) {
            () throws(KubernetesError) in
            try await runs.getIfPresent(build.id)
        }
        return run.map { observation(of: $0, build, deployment) }
    }

    /// The image that the settings name.
    public func builder(for options: BuildOptions) -> String { settings.images(for: options.versions).builder }

    private func observation(
        of run: PipelineRunObject, _ build: PlannedBuild, _ deployment: DeploymentIdentity
    ) -> BuildObservation {
        guard run.belongs(to: build, of: deployment) else {
            logger.error("a build's name is taken by something else", metadata: metadata(build, deployment))
            return BuildObservation(
                phase: .failed,
                message: "the name \(build.id) is taken by something that is not this build; deploy again")
        }
        return run.observation.concealed(build.options)
    }

    /// Creates the run; one that exists already was created earlier, by this process or another.
    public func start(_ build: PlannedBuild, of deployment: DeploymentIdentity) async -> BuildStart {
        var mayExist = false
        do {
            try await call("create build", build, deployment) { () throws(KubernetesError) in
                do throws(KubernetesError) {
                    let run = PipelineRunObject(build, of: deployment, settings: settings)
                    _ = try await runs.create(run, isRepeatable: true)
                } catch {
                    mayExist = error.mayHaveBeenApplied
                    throw error
                }
            }
            return .started
        } catch {
            return outcome(of: error, mayExist: mayExist).concealed(build.options)
        }
    }

    /// - Parameter mayExist: whether an attempt whose response was lost may have created it. A later attempt can be refused
    ///   for that reason: a quota counts the first one already.
    private func outcome(of error: ClusterFailure, mayExist: Bool) -> BuildStart {
        let start: BuildStart
        switch error {
        case .exists:
            return .started
        case .terminating:
            // Tekton does not start a run that is being deleted.
            return .unconfirmed(reason: "a build of the same name is being deleted")
        case .conflict:
            return .unconfirmed(reason: "the cluster was busy with other builds")
        case .unavailable(let reason, _):
            return .unconfirmed(reason: reason)
        case .timedOut:
            return .unconfirmed(reason: "the cluster did not answer in time")
        case .refused(let reason):
            start = .refused(reason: reason)
        case .tooLarge:
            start = .refused(reason: "it is more than the cluster stores in one object")
        case .failed(let reason), .invalidResponse(let reason), .unreadable(let reason):
            start = .deferred(.clusterRefused, message: reason)
        case .full(let quota):
            start = .deferred(.quotaFull, message: "the cluster has no room for another build now (\(quota.reason))")
        case .toolMissing, .absent, .toolTerminating:
            start = .deferred(
                .clusterRefused,
                message: "the cluster runs no builds in the namespace \(settings.namespace); tell Toolforge's admins")
        }
        return mayExist ? .unconfirmed(reason: "the cluster did not say clearly whether it was created") : start
    }

    /// Asks Tekton to end the run (its documentation, "Gracefully cancelling a PipelineRun").
    @discardableResult
    public func cancel(
        _ build: PlannedBuild, of deployment: DeploymentIdentity
    ) async throws(ClusterFailure) -> BuildObservation? {
        try await end(build, of: deployment)
    }

    /// Ends the run, or creates it cancelled: Tekton's webhook lets a run begin with any `spec.status`, and its controller
    /// ends such a run before it starts anything.
    @discardableResult
    public func prevent(
        _ build: PlannedBuild, of deployment: DeploymentIdentity
    ) async throws(ClusterFailure) -> BuildObservation? {
        for _ in 0..<Self.preventions {
            if let observation = try await end(build, of: deployment) { return observation }
            do {
                try await call("take build's name", build, deployment) { () throws(KubernetesError) in
                    let run = PipelineRunObject(build, of: deployment, settings: settings, isCancelled: true)
                    _ = try await runs.create(run, isRepeatable: true)
                }
                return nil
            } catch {
                switch error {
                // Created a moment ago, by another process or by an attempt whose response was lost.
                case .exists: continue
                case .refused, .full, .tooLarge, .toolMissing, .toolTerminating, .absent: return nil
                case .terminating, .conflict, .unreadable, .failed, .invalidResponse, .unavailable, .timedOut:
                    throw error
                }
            }
        }
        throw .conflict
    }

    /// - Returns: how the run is doing; `nil` if there is none.
    private func end(
        _ build: PlannedBuild, of deployment: DeploymentIdentity
    ) async throws(ClusterFailure) -> BuildObservation? {
        do {
            let run = try await call("cancel build", build, deployment) { () throws(KubernetesError) in
                try await runs.mergePatch(build.id, ["spec": ["status": "CancelledRunFinally"]])
            }
            return observation(of: run, build, deployment)
        } catch .absent {
            return nil
        } catch .refused(let reason) {
            // Tekton's webhook accepts no change of a run that has ended, not even this one.
            guard let observation = try await observe(build, of: deployment) else { return nil }
            guard observation.phase.isTerminal else { throw .refused(reason: reason) }
            return observation
        }
    }

    private func call<Output>(
        _ what: StaticString, _ build: PlannedBuild, _ deployment: DeploymentIdentity,
        _ call: () async throws(KubernetesError) -> Output
    ) async throws(ClusterFailure) -> Output {
        try await logger.clusterCall(what, metadata(build, deployment), call)
    }

    func metadata(_ build: PlannedBuild, _ deployment: DeploymentIdentity) -> Logger.Metadata {
        ["tool": "\(deployment.tool)", "deployment": "\(deployment.id)", "build": "\(build.id)"]
    }
}

/// The cluster may repeat what it was sent, and a build what it was given.
extension BuildStart {
    fileprivate func concealed(_ options: BuildOptions) -> Self {
        switch self {
        case .started: self
        case .refused(let reason): .refused(reason: options.concealed(reason))
        case .deferred(let reason, let message): .deferred(reason, message: options.concealed(message))
        case .unconfirmed(let reason): .unconfirmed(reason: options.concealed(reason))
        }
    }
}

extension BuildObservation {
    /// The same, without the values of the build's variables.
    func concealed(_ options: BuildOptions) -> Self {
        var observation = self
        observation.message = options.concealed(message)
        return observation
    }
}
