import Components
import ComponentsKubernetes
import FakeKubernetes
import Foundation
import JSON
import Kubernetes
import Testing

/// Records in a cluster.
struct DeploymentStoreTests {
    private static func request(_ live: LiveCluster, _ id: String = "demo-deploy-1") -> DeploymentRequest {
        let identity = DeploymentIdentity(id: id, tool: live.tool)
        return DeploymentRequest(
            identity: identity, requestedAt: Date(microsecondsSince1970: 1_795_342_500_000_042),
            config: ["components": ["web": ["build": ["repository": "https://example.org/w"]]]],
            builds: [
                PlannedBuild(
                    component: "web", id: DeploymentNames.build(of: "web", deployment: identity),
                    repository: "https://example.org/w", ref: "v1")
            ])
    }

    private static let running = DeploymentStatus(builds: [
        "web": BuildStatus(start: .created, phase: .running, message: "m")
    ])

    @Test func aRecordReadsBackAsItWasStored() async throws {
        try await LiveCluster.with { live in
            let request = Self.request(live)
            let created = try await live.deployments.create(request)
            #expect(created.request == request)
            #expect(created.status == DeploymentStatus())
            #expect(try await live.deployments.read("demo-deploy-1", of: live.tool) == created)
            let updated = try await live.deployments.update(created, to: Self.running)
            #expect(updated.status == Self.running)
            #expect(updated.version != created.version)
            #expect(try await live.deployments.read("demo-deploy-1", of: live.tool) == updated)
            #expect(try await live.deployments.read("demo-deploy-2", of: live.tool) == nil)
        }
    }

    @Test func aListHasTheRecordsThemselves() async throws {
        try await LiveCluster.with { live in
            let first = try await live.deployments.create(Self.request(live))
            let second = try await live.deployments.create(Self.request(live, "demo-deploy-2"))
            let list = try await live.deployments.listRecords(live.tool)
            #expect(list.compactMap(\.record) == [first, second])
            #expect(list.map(\.entry.id) == ["demo-deploy-1", "demo-deploy-2"])
        }
    }

    @Test func aStatusIsStoredOnlyOverTheVersionItWasComputedFrom() async throws {
        try await LiveCluster.with { live in
            let created = try await live.deployments.create(Self.request(live))
            let updated = try await live.deployments.update(created, to: Self.running)
            await #expect(throws: ClusterFailure.conflict) {
                try await live.deployments.update(created, to: DeploymentStatus())
            }
            #expect(try await live.deployments.read("demo-deploy-1", of: live.tool) == updated)
            try await live.deployments.remove(
                created.entry,
                of: live.tool, at: nil)
            await #expect(throws: ClusterFailure.absent) {
                try await live.deployments.update(updated, to: Self.running)
            }
        }
    }

    @Test func aRemovalTakesOnlyTheRecordThatIsMeant() async throws {
        try await LiveCluster.with { live in
            let created = try await live.deployments.create(Self.request(live))
            let updated = try await live.deployments.update(created, to: Self.running)
            let entry = created.entry
            await #expect(throws: ClusterFailure.conflict) {
                try await live.deployments.remove(entry, of: live.tool, at: created.version)
            }
            var another = entry
            another.identity = "another"
            await #expect(throws: ClusterFailure.conflict) {
                try await live.deployments.remove(another, of: live.tool, at: nil)
            }
            #expect(live.records.count == 1)
            try await live.deployments.remove(entry, of: live.tool, at: updated.version)
            #expect(live.records.isEmpty)
            try await live.deployments.remove(entry, of: live.tool, at: updated.version)
        }
    }

    @Test func aListAsksForMetadataAlone() async throws {
        try await LiveCluster.with { live in
            let created = try await live.deployments.create(Self.request(live))
            live.cluster.clearJournal()
            let entries = try await live.deployments.list(live.tool)
            #expect(
                entries == [
                    created.entry
                ])
            #expect(live.cluster.journal.count == 1)
            #expect(live.cluster.journal.first?["accept"]?.string?.contains("as=PartialObjectMetadataList") == true)
        }
    }

    @Test(arguments: ["before", "after"])
    func aCreationWithoutAnAnswerLeavesOneRecord(_ moment: String) async throws {
        try await LiveCluster.with(retries: 1) { live in
            try live.cluster.setFaults([LiveCluster.fault("create", "tooldeployments", ["drop": .string(moment)])])
            let request = Self.request(live)
            #expect(try await live.deployments.create(request).request == request)
            #expect(live.records.count == 1)
        }
    }

    @Test func aCreationIsFoundThoughNoRepeatWasAnswered() async throws {
        try await LiveCluster.with { live in
            try live.cluster.setFaults([LiveCluster.fault("create", "tooldeployments", ["drop": "after"])])
            let request = Self.request(live)
            #expect(try await live.deployments.create(request).request == request)
            #expect(live.records.count == 1)
        }
    }

    @Test func aCreationThatTookTheLastPlaceOfAQuotaIsNoRefusal() async throws {
        try await LiveCluster.with(retries: 1) { live in
            try await live.setQuota(of: "tooldeployments.deploy.toolforge.org", to: 1, in: "tool-demo")
            // The repeat meets the quota, which counts the first one, before it could meet its name.
            try live.cluster.setFaults([LiveCluster.fault("create", "tooldeployments", ["drop": "after"])])
            let request = Self.request(live)
            #expect(try await live.deployments.create(request).request == request)
            #expect(live.records.count == 1)
        }
    }

    @Test func aNameThatAnotherRequestTookIsTaken() async throws {
        try await LiveCluster.with(retries: 1) { live in
            var other = Self.request(live)
            other.config = ["components": [:]]
            let first = try await live.deployments.create(other)
            await #expect(throws: ClusterFailure.exists) { try await live.deployments.create(Self.request(live)) }
            // Neither is it the echo of a creation whose answer was lost.
            try live.cluster.setFaults([LiveCluster.fault("create", "tooldeployments", ["drop": "before"])])
            await #expect(throws: ClusterFailure.exists) { try await live.deployments.create(Self.request(live)) }
            #expect(try await live.deployments.read("demo-deploy-1", of: live.tool) == first)
        }
    }

    @Test func quotasAndMissingNamespacesHaveTheirOwnErrors() async throws {
        try await LiveCluster.with { live in
            try await live.setQuota(of: "tooldeployments.deploy.toolforge.org", to: 0, in: "tool-demo")
            await #expect {
                try await live.deployments.create(Self.request(live))
            } throws: { error in
                guard case ClusterFailure.full(let quota) = error else { return false }
                return quota.reason.contains("exceeded quota: q")
            }
            let nobody = try #require(ToolName("nobody"))
            let identity = DeploymentIdentity(id: "nobody-deploy-1", tool: nobody)
            let request = DeploymentRequest(
                identity: identity, requestedAt: Date(microsecondsSince1970: 1_795_342_500_000_042), config: [:],
                builds: [
                    PlannedBuild(
                        component: "web", id: DeploymentNames.build(of: "web", deployment: identity),
                        repository: "https://example.org/w", ref: nil)
                ])
            await #expect(throws: ClusterFailure.toolMissing) { try await live.deployments.create(request) }
            #expect(try await live.deployments.list(nobody).isEmpty)
        }
    }

    @Test func aRecordThatCannotBeReadHarmsItselfOnlyAndCanBeRemoved() async throws {
        try await LiveCluster.with { live in
            _ = try await live.service().store(
                config: ["components": ["web": ["build": ["repository": "https://example.org/w"]]]], for: live.tool)
            let foreign: JSONValue = [
                "metadata": ["name": "demo-deploy-0"],
                "spec": [
                    "tool": "demo", "config": [:],
                    "builds": ["web": ["id": "somebody-elses-build", "repository": "https://example.org/w"]],
                ],
            ]
            _ = try await live.client.resources(AnyRecord.self, namespace: "tool-demo").create(AnyRecord(json: foreign))
            await #expect {
                try await live.service().deployment("demo-deploy-0", of: live.tool)
            } throws: { error in
                if case ComponentsError.cluster(.unreadable, _) = error { true } else { false }
            }
            let first = try await live.service(retained: 2).deploy(live.tool).deployment
            #expect(live.records.count == 2)
            let second = try await live.service(retained: 2).deploy(live.tool).deployment
            #expect(live.records.map(\.recordName) == [first.id, second.id].sorted())
        }
    }
}

extension Value {
    fileprivate var recordName: String { at("metadata", "name")?.string ?? "" }
}
