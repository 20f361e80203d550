public import Components
import Foundation
import Kubernetes
import Logging

extension TektonBuildService: BuildRuns {
    /// Lists the runs that bear this service's labels, a page at a time.
    ///
    /// One that does not say which build it is is left out: nobody can say what it belongs to.
    public func listRuns() async throws(ClusterFailure) -> [BuildRun] {
        try await logger.clusterRead("list builds", [:]) { () throws(KubernetesError) in
            try await runs.list(labelSelector: WatchedRun.labelSelector) { (run) throws(KubernetesError) in
                try BuildRun(run)
            }
        }
    }

    /// Reads the run of that name.
    public func findRun(
        _ build: PlannedBuild, of deployment: DeploymentIdentity
    ) async throws(ClusterFailure) -> BuildRun? {
        let run = try await logger.clusterRead("read build", metadata(build, deployment)) {
            () throws(KubernetesError) in
            try await runs.getIfPresent(build.id)
        }
        guard let run, run.belongs(to: build, of: deployment) else { return nil }
        return try? BuildRun(run)
    }

    /// Deletes that very object; its TaskRuns and pods go after it.
    public func remove(_ run: BuildRun) async throws(ClusterFailure) {
        do {
            try await logger.clusterCall(
                "delete build",
                ["tool": "\(run.deployment.tool)", "deployment": "\(run.deployment.id)", "build": "\(run.name)"]
            ) { () throws(KubernetesError) in
                _ = try await runs.delete(run.name, preconditions: DeletePreconditions(uid: run.identity))
            }
        } catch {
            switch error {
            // It is gone, or another one has its name.
            case .absent, .conflict: return
            default: throw error
            }
        }
    }
}

extension BuildRun {
    /// - Throws: `KubernetesError` if the run does not say which build it is.
    init(_ run: PipelineRunObject) throws(KubernetesError) {
        let watched = try WatchedRun(run)
        guard let name = run.metadata.name, let uid = run.metadata.uid, let created = run.metadata.creationTimestamp
        else {
            throw KubernetesError(.invalidResponse, "its metadata is incomplete")
        }
        self.init(
            name: name, identity: uid, deployment: watched.deployment, component: watched.component,
            createdAt: created, hasEnded: watched.hasEnded)
    }
}
