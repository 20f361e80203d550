import Components
import ComponentsHTTP
import Foundation
import Kubernetes
import Telemetry

extension ServiceMetrics: ExchangeObserver {
    func exchangeBegan() { requestsInFlight.add(1) }

    func exchangeWaits() {
        requestsInFlight.add(-1)
        requestsWaiting.add(1)
    }

    func exchangeEnded(_ exchange: ObservedExchange) {
        (exchange.hasWaited ? requestsWaiting : requestsInFlight).add(-1)
        requests.increment(
            RequestLabels(route: exchange.route, method: exchange.method, status: exchange.status))
        guard !exchange.hasWaited else { return }
        requestDurations.observe(exchange.duration, RouteLabels(route: exchange.route, method: exchange.method))
    }
}

extension ServiceMetrics: KubernetesObserver {
    func attemptEnded(_ attempt: KubernetesAttempt) {
        let status = attempt.status.map(String.init) ?? attempt.error?.description ?? "none"
        clusterRequests.increment(
            ClusterCallLabels(verb: attempt.verb, kind: attempt.resource, status: status))
        // An attempt that the circuit breaker refused was not sent, and has no duration.
        guard attempt.duration > .zero else { return }
        clusterDurations.observe(attempt.duration, ClusterKindLabels(verb: attempt.verb, kind: attempt.resource))
    }
}

extension ServiceMetrics: DeploymentObserver {
    func deploymentChanged(_ change: DeploymentChange) {
        switch change {
        case .recorded:
            deploymentsStarted.increment()
        case .buildEnded(_, let status, _):
            buildsEnded.increment(BuildEndLabels(status))
        case .ended(let record, let end):
            let outcome = OutcomeLabels(outcome: record.status.phase(of: record.request).rawValue)
            deploymentsEnded.increment(outcome)
            deploymentDurations.observe(.seconds(end.timeIntervalSince(record.createdAt)), outcome)
        case .resumed, .stopped, .removed:
            break
        }
    }
}

extension ServiceMetrics: DeployTokenObserver {
    func tokenAccepted(keyID: String) { tokensAccepted.increment(TokenKeyLabels(key: keyID)) }
}
