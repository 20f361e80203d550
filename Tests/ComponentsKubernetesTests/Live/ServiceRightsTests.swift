import Components
import FakeKubernetes
import Kubernetes
import Testing

@testable import ComponentsKubernetes

/// What the service's account may do, as a cluster says.
struct ServiceRightsTests {
    private static func rights(_ live: LiveCluster, lease: String? = "default") -> KubernetesServiceRights {
        KubernetesServiceRights(
            client: live.client, buildNamespace: "image-build", leaseNamespace: lease, logger: LiveCluster.logger)
    }

    private static func rule(_ verb: String, _ group: String, _ resource: String) -> Value {
        ["verb": .string(verb), "group": .string(group), "resource": .string(resource)]
    }

    @Test func anAccountThatMayDoEverythingLacksNothing() async throws {
        try await LiveCluster.with { live in
            let missing = try await Self.rights(live).missing()
            #expect(missing == [])
        }
    }

    @Test func everyMissingRightIsNamedAndOnlyWhatTheMainJobNeedsIsEssential() async throws {
        try await LiveCluster.with(token: "poor") { live in
            live.cluster.register(
                token: "poor", user: "poor", allowed: [Self.rule("get", "deploy.toolforge.org", "toolconfigs")])
            let rights = Self.rights(live)
            let missing = try await rights.missing()
            #expect(missing.count == NeededRight.all(buildNamespace: "b", leaseNamespace: "l").count - 1)
            #expect(rights.missingCount == missing.count)
            #expect(missing.contains(MissingRight(name: "patch toolconfigs.deploy.toolforge.org", isEssential: true)))
            #expect(
                missing.contains(MissingRight(name: "create pipelineruns.tekton.dev in image-build", isEssential: true))
            )
            #expect(
                missing.contains(
                    MissingRight(name: "patch tooldeployments.deploy.toolforge.org/status", isEssential: true)))
            #expect(missing.contains(MissingRight(name: "create events", isEssential: false)))
            #expect(
                missing.contains(MissingRight(name: "get leases.coordination.k8s.io in default", isEssential: false)))
        }
    }

    @Test func withoutAnEngineItsRightsAreNotNeeded() {
        let names = NeededRight.all(buildNamespace: "b", leaseNamespace: nil).map(\.name)
        #expect(!names.contains { $0.hasPrefix("watch ") || $0.contains("leases") })
    }

    @Test func theRightToImportIsNeededOnlyWhereConfigsAreImported() {
        let name = "get toolconfigs.components-api.toolforge.org"
        let usual = NeededRight.all(buildNamespace: "b", leaseNamespace: "l")
        let importing = NeededRight.all(buildNamespace: "b", leaseNamespace: "l", importsConfigs: true)
        #expect(importing.filter { !usual.contains($0) }.map(\.name) == [name])
        #expect(importing.first { $0.name == name }?.isEssential == true)
    }

    @Test func whatWasSaidIsKeptForAWhile() async throws {
        try await LiveCluster.with { live in
            let rights = Self.rights(live)
            _ = try await rights.missing()
            #expect(live.calls().count == NeededRight.all(buildNamespace: "b", leaseNamespace: "l").count)
            _ = try await rights.missing()
            #expect(live.calls().isEmpty)
        }
    }

    @Test func aQuestionThatIsNotAnsweredIsAFailure() async throws {
        try await LiveCluster.with { live in
            try live.cluster.setFaults([
                LiveCluster.fault(
                    "create", "selfsubjectaccessreviews", LiveCluster.refusal(503, "ServiceUnavailable", "away"))
            ])
            await #expect(throws: ClusterFailure.self) { try await Self.rights(live).missing() }
        }
    }
}
