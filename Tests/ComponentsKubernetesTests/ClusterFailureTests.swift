import Components
import JSON
import Kubernetes
import Testing

@testable import ComponentsKubernetes

struct ClusterFailureTests {
    private func error(_ code: KubernetesError.Code, _ message: String = "m", applied: Bool = false) -> ClusterFailure {
        var error = KubernetesError(code, message)
        error.mayHaveBeenApplied = applied
        return ClusterFailure(error)
    }

    @Test func usersNeverLearnTheServicesAccount() throws {
        let message = #"pipelineruns.tekton.dev is forbidden: User "system:serviceaccount:x:y" cannot create resource"#
        guard case .failed(let reason) = error(.forbidden, message) else {
            Issue.record("a refusal for want of rights is the service's failure")
            return
        }
        #expect(!reason.contains("system:"))
    }

    @Test func aWriteWhoseAnswerWasLostMayHaveHappened() {
        #expect(error(.timeout, applied: true) == .timedOut(mayHaveHappened: true))
        guard case .unavailable(let reason, _) = error(.connection, applied: true) else {
            Issue.record("a lost connection is a cluster that is away")
            return
        }
        #expect(reason.contains("may have been done"))
        #expect(error(.timeout) == .timedOut(mayHaveHappened: false))
    }

    @Test func whyTheClusterIsUnavailableIsToldApart() {
        func reason(_ failure: ClusterFailure) -> String {
            guard case .unavailable(let reason, _) = failure else { return "\(failure)" }
            return reason
        }
        #expect(
            reason(error(.tooManyRequests, "Too many requests, please try again later.")) == "the cluster is overloaded"
        )
        #expect(reason(error(.connection, "no connection")) == "the cluster is away or overloaded")
        let webhook =
            #"Internal error occurred: failed calling webhook "validation.webhook.pipeline.tekton.dev": failed to call webhook: "#
            + #"Post "https://10.96.0.50:443/": dial tcp 10.96.0.50:443: connect: connection refused"#
        #expect(
            reason(error(.serverError, webhook))
                == "the cluster's webhook validation.webhook.pipeline.tekton.dev does not respond; if that lasts, tell "
                + "Toolforge's admins")
        #expect(reason(error(.serverError, "failed")) == "the cluster is away or overloaded")
    }

    @Test(arguments: [KubernetesError.Code.tooLarge, .forbidden, .unauthorized, .invalid, .badRequest])
    func theTextOfAnAdmissionPolicyReachesTheUserWhateverItsReason(code: KubernetesError.Code) {
        for message in [
            #"toolconfigs.deploy.toolforge.org "x" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: "#
                + "no system: names",
            #"admission webhook "policy.example.org" denied the request: no system: names"#,
        ] {
            var error = KubernetesError(code, message)
            error.status = Status(json: ["kind": "Status", "apiVersion": "v1", "message": .string(message)])
            #expect(ClusterFailure(error) == .refused(reason: message))
        }
    }

    @Test func onlyAnObjectThatIsNamedIsAbsent() {
        func missing(_ details: JSONValue) -> ClusterFailure {
            var error = KubernetesError(.notFound, "not found")
            error.status = Status(json: ["kind": "Status", "apiVersion": "v1", "details": details])
            return ClusterFailure(error)
        }
        #expect(missing(["name": "x", "kind": "toolconfigs"]) == .absent)
        #expect(missing(["name": "tool-x", "kind": "namespaces"]) == .toolMissing)
        for kind in [missing([:]), error(.notFound, "404 page not found")] {
            guard case .failed = kind else {
                Issue.record("a kind that is not served is nobody's mistake but the cluster's: \(kind)")
                continue
            }
        }
    }

    @Test func aToolThatIsBeingDeletedIsKnownByTheServersCause() {
        func forbidden(_ cause: JSONValue) -> ClusterFailure {
            var error = KubernetesError(.forbidden, "unable to create new content: it is being terminated")
            error.status = Status(json: [
                "kind": "Status", "apiVersion": "v1", "details": ["name": "x", "causes": [cause]],
            ])
            return ClusterFailure(error)
        }
        #expect(
            forbidden([
                "reason": "NamespaceTerminating", "message": "it is being terminated", "field": "metadata.namespace",
            ])
                == .toolTerminating)
        #expect(
            forbidden(["reason": "Other"]) == .refused(reason: "unable to create new content: it is being terminated"))
    }

    @Test func quotasAndRefusalsKeepTheClustersWords() {
        #expect(
            error(.forbidden, "x is forbidden: exceeded quota: q")
                == .full(QuotaRefusal(reason: "x is forbidden: exceeded quota: q")))
        let resource = "count/tooldeployments.deploy.toolforge.org"
        for (limits, allowsNone) in [
            ("\(resource)=0", true), ("\(resource)=10", false), ("pods=5,\(resource)=0", true),
        ] {
            let words =
                "demo-deploy-1 is forbidden: exceeded quota: q, requested: \(resource)=1, used: \(resource)=7,pods=3, "
                + "limited: \(limits)"
            #expect(
                error(.forbidden, words)
                    == .full(
                        QuotaRefusal(reason: words, used: [resource: "7", "pods": "3"], allowsNone: allowsNone)))
        }
        #expect(
            error(.forbidden, "denied by policy, limited: x=0") == .refused(reason: "denied by policy, limited: x=0"))
        #expect(error(.forbidden, "denied by policy") == .refused(reason: "denied by policy"))
        #expect(error(.invalid, "bad") == .refused(reason: "bad"))
        #expect(error(.alreadyExists) == .exists)
        #expect(error(.conflict) == .conflict)
        #expect(error(.tooLarge) == .tooLarge)
    }
}
