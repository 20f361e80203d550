import Components
import ComponentsKubernetes
import FakeKubernetes
import Foundation
import JSON
import Kubernetes
import Testing

/// Objects that were deleted and only wait for a finalizer: nothing is stored in them, and they count as gone.
struct DeletionTests {
    private static let config: JSONValue = [
        "components": ["web": ["build": ["repository": "https://example.org/w"]]]
    ]
    private static let finalizers: JSONValue = ["metadata": ["finalizers": ["example.org/held"]]]

    /// A tool whose config is being deleted.
    private static func withTerminatingConfig(
        _ body: @escaping @Sendable (LiveCluster) async throws -> Void
    ) async throws {
        try await LiveCluster.with { live in
            _ = try await live.service().store(config: config, for: live.tool)
            let configs = live.client.resources(AnyConfig.self, namespace: "tool-demo")
            _ = try await configs.mergePatch("demo-config", finalizers)
            try await configs.delete("demo-config")
            #expect(live.config?.at("metadata", "deletionTimestamp") != nil)
            try await body(live)
        }
    }

    /// A tool whose deployment is being deleted; the deployment, which was asked for with the key `k`.
    private static func withTerminatingDeployment(
        _ body: @escaping @Sendable (LiveCluster, Deployment) async throws -> Void
    ) async throws {
        try await LiveCluster.with { live in
            _ = try await live.service().store(config: config, for: live.tool)
            let deployment = try await live.service().deploy(live.tool, DeploymentOrder(key: IdempotencyKey("k")))
                .deployment
            let records = live.client.resources(AnyRecord.self, namespace: "tool-demo")
            _ = try await records.mergePatch(deployment.id, finalizers)
            try await records.delete(deployment.id)
            live.cluster.clearJournal()
            try await body(live, deployment)
        }
    }

    @Test(arguments: [
        ConfigPrecondition.none, ConfigPrecondition(match: .any), ConfigPrecondition(noneMatch: .listed(["1"])),
    ])
    func nothingIsSaidToBeStoredInAConfigThatGoes(_ precondition: ConfigPrecondition) async throws {
        try await Self.withTerminatingConfig { live in
            await #expect(throws: ComponentsError.cluster(.terminating, about: .config(of: live.tool))) {
                try await live.service().store(config: Self.config, for: live.tool, if: precondition)
            }
        }
    }

    @Test func aNameThatIsNotFreeYetIsNoOtherConfig() async throws {
        try await LiveCluster.with { live in
            let message = #"object is being deleted: toolconfigs.deploy.toolforge.org "demo-config" already exists"#
            try live.cluster.setFaults([
                LiveCluster.fault("create", "toolconfigs", LiveCluster.refusal(409, "AlreadyExists", message))
            ])
            await #expect(throws: ComponentsError.cluster(.terminating, about: .config(of: live.tool))) {
                try await live.service().store(
                    config: Self.config, for: live.tool, if: ConfigPrecondition(noneMatch: .any))
            }
        }
    }

    @Test func aConfigThatGoesIsNotReadAndNotDeployed() async throws {
        try await Self.withTerminatingConfig { live in
            await #expect(throws: ComponentsError.configMissing(live.tool)) {
                try await live.service().config(of: live.tool)
            }
            await #expect(throws: ComponentsError.configMissing(live.tool)) {
                try await live.service().deploy(live.tool)
            }
            #expect(live.records.isEmpty)
        }
    }

    @Test func aDeploymentThatGoesIsNotReadAndNotChanged() async throws {
        try await Self.withTerminatingDeployment { live, deployment in
            await #expect(throws: ComponentsError.deploymentMissing(live.tool, id: deployment.id)) {
                try await live.service().deployment(deployment.id, of: live.tool)
            }
            #expect(live.callCounts()["patch tooldeployments/status"] == nil)
            let records = try await live.deployments.listRecords(live.tool)
            #expect(records.isEmpty)
        }
    }

    @Test func aStatusIsNotStoredInARecordThatGoes() async throws {
        try await LiveCluster.with { live in
            _ = try await live.service().store(config: Self.config, for: live.tool)
            let id = try await live.service().deploy(live.tool).deployment.id
            let record = try #require(try await live.deployments.read(id, of: live.tool))
            let records = live.client.resources(AnyRecord.self, namespace: "tool-demo")
            _ = try await records.mergePatch(id, Self.finalizers)
            try await records.delete(id)
            var current = record
            current.version = live.records.first?.at("metadata", "resourceVersion")?.string ?? ""
            await #expect(throws: ClusterFailure.absent) {
                try await live.deployments.update(
                    current,
                    to: DeploymentStatus(builds: [
                        "web": BuildStatus(start: .created, phase: .succeeded, message: "")
                    ]))
            }
        }
    }

    @Test func aDeploymentThatGoesIsNotReplayed() async throws {
        try await Self.withTerminatingDeployment { live, deployment in
            // As the API server answers a creation of a name that is not free yet.
            let message = "object is being deleted: tooldeployments.deploy.toolforge.org already exists"
            try live.cluster.setFaults([
                LiveCluster.fault("create", "tooldeployments", LiveCluster.refusal(409, "AlreadyExists", message))
            ])
            let identity = DeploymentIdentity(id: deployment.id, tool: live.tool)
            await #expect(throws: ComponentsError.cluster(.terminating, about: .newDeployment(identity))) {
                try await live.service().deploy(live.tool, DeploymentOrder(key: IdempotencyKey("k")))
            }
            #expect(live.runs.count == 1)
            #expect(live.callCounts()["create tooldeployments"] == 1)
        }
    }

    @Test func aDeploymentThatGoesIsNotCountedAmongThoseThatAreKept() async throws {
        try await Self.withTerminatingDeployment { live, deployment in
            let kept = try await live.service(retained: 2).deploy(live.tool).deployment.id
            _ = try await live.service(retained: 2).deploy(live.tool)
            let names = live.records.compactMap { $0.at("metadata", "name")?.string }
            #expect(names.contains(kept))
            #expect(live.records.count == 3)
        }
    }

    @Test func aBuildWhoseNameIsHeldByARunThatGoesHasNotStarted() async throws {
        try await LiveCluster.with { live in
            let deployment = DeploymentIdentity(id: "demo-deploy-1", tool: live.tool)
            let build = PlannedBuild(
                component: "web", id: DeploymentNames.build(of: "web", deployment: deployment),
                repository: "https://example.org/w", ref: nil)
            let message = "object is being deleted: pipelineruns.tekton.dev already exists"
            try live.cluster.setFaults([
                LiveCluster.fault("create", "pipelineruns", LiveCluster.refusal(409, "AlreadyExists", message))
            ])
            guard case .unconfirmed = await live.builds.start(build, of: deployment) else {
                Issue.record("Tekton does not start a run that is being deleted")
                return
            }
        }
    }
}
