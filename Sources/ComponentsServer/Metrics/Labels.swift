import Components
import Telemetry

/// A request and its result.
struct RequestLabels: MetricLabels {
    static let names = ["route", "method", "status"]
    var route: String
    var method: String
    var status: Int
    var values: [String] { [route, method, String(status)] }
}

/// A request.
struct RouteLabels: MetricLabels {
    static let names = ["route", "method"]
    var route: String
    var method: String
    var values: [String] { [route, method] }
}

/// A call to the cluster and its result.
struct ClusterCallLabels: MetricLabels {
    static let names = ["verb", "kind", "status"]
    var verb: String
    var kind: String
    var status: String
    var values: [String] { [verb, kind, status] }
}

/// A call to the cluster.
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
    /// How a build can end; `refused`: the cluster did not create it.
    static let ofBuilds =
        BuildPhase.allCases.filter(\.isTerminal).map { OutcomeLabels(outcome: $0.rawValue) } + [.refused]

    static let refused = OutcomeLabels(outcome: StartNote.refused.rawValue)
}
