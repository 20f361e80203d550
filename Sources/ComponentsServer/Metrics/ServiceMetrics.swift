import Telemetry

/// Everything that `/metrics` shows; `chart/RUNBOOK.md` lists it.
struct ServiceMetrics: Sendable {
    let requests = Counter<RequestLabels>(
        "components_api_http_requests_total", help: "Requests answered, by route, method and status.")
    let requestDurations = Histogram<RouteLabels>(
        "components_api_http_request_duration_seconds",
        help: "From the complete request to its response, by route and method; without requests that wait.",
        bounds: Self.callBounds)
    let requestsInFlight = Gauge(
        "components_api_http_requests_in_flight", help: "Requests being answered now.")
    let requestsWaiting = Gauge(
        "components_api_http_requests_waiting", help: "Requests that wait or are streamed now.")
    let clusterRequests = Counter<ClusterCallLabels>(
        "components_api_cluster_requests_total",
        help: "Attempts of calls to the cluster, by verb, kind and HTTP status, or the error if there was none.")
    let clusterDurations = Histogram<ClusterKindLabels>(
        "components_api_cluster_request_duration_seconds",
        help: "Duration of the attempts that were sent, by verb and kind.", bounds: Self.callBounds)
    let deploymentsStarted = Counter<NoLabels>(
        "components_api_deployments_started_total", help: "Deployments recorded.")
    let deploymentsEnded = Counter<OutcomeLabels>(
        "components_api_deployments_ended_total", help: "Deployments whose end was stored, by outcome.",
        known: OutcomeLabels.ofDeployments)
    let deploymentDurations = Histogram<OutcomeLabels>(
        "components_api_deployment_duration_seconds",
        help: "From a deployment's record to the end of its last build, by the cluster's clock, by outcome.",
        bounds: Self.buildBounds, known: OutcomeLabels.ofDeployments)
    let buildsEnded = Counter<BuildEndLabels>(
        "components_api_builds_ended_total", help: "Builds whose end was stored, by outcome and reason.",
        known: BuildEndLabels.known)
    let tokensAccepted: Counter<TokenKeyLabels>

    private let registry: MetricRegistry

    /// All metrics, at zero.
    ///
    /// - Parameter tokenKeys: the ids of the keys of deploy tokens.
    init(version: String, tokenKeys: [String] = []) {
        tokensAccepted = Counter(
            "components_api_deploy_tokens_accepted_total",
            help: "Requests with a deploy token that was accepted, by the key that it was made with.",
            known: tokenKeys.map(TokenKeyLabels.init))
        registry = MetricRegistry([
            Information("components_api_info", help: "Which version runs.", labels: ["version": version]), requests,
            requestDurations, requestsInFlight, requestsWaiting, clusterRequests, clusterDurations, deploymentsStarted,
            deploymentsEnded, deploymentDurations, buildsEnded, tokensAccepted,
            ProcessFigures(),
        ])
    }

    /// The current values in Prometheus' text format.
    func exposition() -> [UInt8] { registry.exposition() }

    /// In seconds: from a health check to a call that reaches its deadline.
    static let callBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
    /// In seconds: from a short build to beyond the hour after which Tekton stops one.
    private static let buildBounds: [Double] = [5, 15, 30, 60, 120, 300, 600, 900, 1_200, 1_800, 2_700, 3_600, 7_200]
}
