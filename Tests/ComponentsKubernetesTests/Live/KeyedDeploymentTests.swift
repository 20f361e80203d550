import Components
import ComponentsKubernetes
import FakeKubernetes
import Foundation
import JSON
import Kubernetes
import Testing

/// Deployments that are asked for with a key, in a cluster.
struct KeyedDeploymentTests {
    private static let config: JSONValue = [
        "components": [
            "api": ["build": ["repository": "https://example.org/a"]],
            "web": ["build": ["repository": "https://example.org/w"]],
        ]
    ]

    private static func withConfig(
        retries: Int = 0, _ body: @escaping @Sendable (LiveCluster, IdempotencyKey) async throws -> Void
    ) async throws {
        let key = try #require(IdempotencyKey("k"))
        try await LiveCluster.with(retries: retries) { live in
            _ = try await live.service().store(config: config, for: live.tool)
            live.cluster.clearJournal()
            try await body(live, key)
        }
    }

    @Test func aReplayCostsTwoCallsMoreThanALook() async throws {
        try await Self.withConfig { live, key in
            _ = try await live.service().deploy(live.tool, DeploymentOrder(key: key))
            #expect(
                live.callCounts() == [
                    "get toolconfigs": 1, "list tooldeployments": 2, "create tooldeployments": 1,
                    "create pipelineruns": 2, "patch tooldeployments/status": 1,
                ])
            _ = try await live.service().deploy(live.tool, DeploymentOrder(key: key))
            #expect(
                live.callCounts() == [
                    "get toolconfigs": 1, "list tooldeployments": 1, "get tooldeployments": 1, "get pipelineruns": 2,
                ])
        }
    }

    @Test func theRecordReadsBackWithItsNonce() async throws {
        try await Self.withConfig { live, key in
            let id = try await live.service().deploy(live.tool, DeploymentOrder(key: key)).deployment.id
            let record = try #require(try await live.deployments.read(id, of: live.tool))
            #expect(record.request.nonce?.isEmpty == false)
            // A record with another nonce is not one that this service has made.
            let other = DeploymentRequest(
                identity: record.request.identity, requestedAt: record.request.requestedAt,
                config: record.request.config, builds: record.request.builds,
                nonce: "other")
            try await live.deployments.remove(
                record.entry, of: live.tool, at: nil)
            await #expect {
                try await live.deployments.create(other)
            } throws: { error in
                if case ClusterFailure.unreadable = error { true } else { false }
            }
        }
    }

    @Test func ofManyAtOnceOneStartsIt() async throws {
        try await Self.withConfig(retries: 3) { live, key in
            let answers = try await withThrowingTaskGroup { group in
                for _ in 0..<8 {
                    group.addTask { try await live.service().deploy(live.tool, DeploymentOrder(key: key)) }
                }
                return try await group.reduce(into: [StartedDeployment]()) { $0.append($1) }
            }
            #expect(answers.count { !$0.isReplay } == 1)
            #expect(Set(answers.map { $0.deployment.builds.map(\.id) }).count == 1)
            #expect(live.records.count == 1)
            #expect(live.runs.count == 2)
        }
    }

    @Test(arguments: ["before", "after"])
    func aLostAnswerIsNotTakenForAnothersRecord(_ moment: String) async throws {
        try await Self.withConfig(retries: 1) { live, key in
            try live.cluster.setFaults([
                LiveCluster.fault("create", "tooldeployments", ["drop": .string(moment)])
            ])
            #expect(try await !live.service().deploy(live.tool, DeploymentOrder(key: key)).isReplay)
            #expect(live.records.count == 1)
            #expect(live.runs.count == 2)
        }
    }

    /// Both send the same words at the same moment; the first attempt of one is lost, and the other's record is there.
    @Test func anothersRecordIsNotTakenForTheOwnAfterALostAnswer() async throws {
        try await Self.withConfig(retries: 3) { live, key in
            try live.cluster.setFaults([
                // Both have listed the names before either record is there.
                LiveCluster.fault("create", "tooldeployments", ["drop": "before"], times: 2)
            ])
            async let one = live.service().deploy(live.tool, DeploymentOrder(key: key))
            async let other = live.service().deploy(live.tool, DeploymentOrder(key: key))
            let answers = try await [one, other]
            #expect(answers.count { !$0.isReplay } == 1)
            #expect(live.runs.count == 2)
        }
    }
}
