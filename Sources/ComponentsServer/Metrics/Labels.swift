import Components
import Telemetry

/// What a request was and what came of it.
struct RequestLabels: MetricLabels {
    static let names = ["route", "method", "status"]
    var route: String
    var method: String
    var status: Int
    var values: [String] { [route, method, String(status)] }
}

/// What a request was.
struct RouteLabels: MetricLabels {
    static let names = ["route", "method"]
    var route: String
    var method: String
    var values: [String] { [route, method] }
}

/// What the cluster was asked for and what came of it.
struct ClusterCallLabels: MetricLabels {
    static let names = ["verb", "kind", "status"]
    var verb: String
    var kind: String
    var status: String
    var values: [String] { [verb, kind, status] }
}

/// What the cluster was asked for.
struct ClusterKindLabels: MetricLabels {
    static let names = ["verb", "kind"]
    var verb: String
    var kind: String
    var values: [String] { [verb, kind] }
}

/// How something ended.
struct OutcomeLabels: MetricLabels {
    static let names = ["outcome"]
    var outcome: String
    var values: [String] { [outcome] }

    /// How a deployment can end.
    static let ofDeployments = DeploymentPhase.allCases.filter(\.isTerminal).map { OutcomeLabels(outcome: $0.rawValue) }
    /// How a build can end; `refused` is one that the cluster would not create.
    static let ofBuilds =
        BuildPhase.allCases.filter(\.isTerminal).map { OutcomeLabels(outcome: $0.rawValue) } + [.refused]

    static let refused = OutcomeLabels(outcome: StartNote.refused.rawValue)
}
