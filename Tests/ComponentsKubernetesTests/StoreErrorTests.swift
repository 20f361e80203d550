import Components
import JSON
import Kubernetes
import Testing

@testable import ComponentsKubernetes

struct StoreErrorTests {
    private func error(_ code: KubernetesError.Code, _ message: String = "m", applied: Bool = false) -> StoreError {
        var error = KubernetesError(code, message)
        error.mayHaveBeenApplied = applied
        return StoreError(error)
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

    @Test func onlyAnObjectThatIsNamedIsAbsent() {
        func missing(_ details: JSONValue) -> StoreError {
            var error = KubernetesError(.notFound, "not found")
            error.status = Status(json: ["kind": "Status", "apiVersion": "v1", "details": details])
            return StoreError(error)
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

    @Test func quotasAndRefusalsKeepTheClustersWords() {
        #expect(
            error(.forbidden, "x is forbidden: exceeded quota: q") == .full(reason: "x is forbidden: exceeded quota: q")
        )
        #expect(error(.forbidden, "denied by policy") == .refused(reason: "denied by policy"))
        #expect(error(.invalid, "bad") == .refused(reason: "bad"))
        #expect(error(.alreadyExists) == .exists)
        #expect(error(.conflict) == .conflict)
        #expect(error(.tooLarge) == .tooLarge)
    }
}
