import Components
import Kubernetes

/// What is kept of one of this service's PipelineRuns.
struct WatchedRun: Sendable, Equatable {
    /// The deployment that it says it belongs to.
    let deployment: DeploymentIdentity
    /// The component that it says it builds.
    let component: String
    /// How it is doing.
    let observation: BuildObservation

    /// Selects the runs of this service; another installation's bear another label.
    static let labelSelector = "app.kubernetes.io/managed-by=components-api,\(PipelineRunObject.toolLabel)"

    init(deployment: DeploymentIdentity, component: String, observation: BuildObservation) {
        self.deployment = deployment
        self.component = component
        self.observation = observation
    }

    /// - Throws: `KubernetesError` if the run does not say which build it is.
    init(_ run: PipelineRunObject) throws(KubernetesError) {
        guard let tool = run.metadata.labels[PipelineRunObject.toolLabel].flatMap({ ToolName($0) }),
            let id = run.metadata.annotations[PipelineRunObject.deploymentAnnotation],
            let component = run.metadata.annotations[PipelineRunObject.componentAnnotation]
        else {
            throw KubernetesError(.invalidResponse, "it does not say which build of which deployment it is")
        }
        self.init(
            deployment: DeploymentIdentity(id: id, tool: tool), component: component, observation: run.observation)
    }

    /// Whether the build that it makes has ended.
    var hasEnded: Bool { observation.phase.isTerminal }

    /// Whether it is the run of that build, and not another one of the same name.
    func belongs(to build: PlannedBuild, of deployment: DeploymentIdentity) -> Bool {
        self.deployment == deployment && component == build.component
    }
}
