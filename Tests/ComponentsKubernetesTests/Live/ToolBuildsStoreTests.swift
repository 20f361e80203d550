import Components
import ComponentsKubernetes
import FakeKubernetes
import Foundation
import Testing

/// The newest good builds of a tool in a cluster.
struct ToolBuildsStoreTests {
    private static func build(_ name: String, at microseconds: Int64) -> GoodBuild {
        GoodBuild(
            build: name, deployment: "demo-deploy-1", requestedAt: Date(microsecondsSince1970: microseconds),
            source: BuildSource(repository: "https://example.org/r.git", ref: "main"),
            commit: String(repeating: "a", count: 40), environment: String(repeating: "0f", count: 32),
            builder: "builder:24", image: "registry/tool-demo/web@sha256:1",
            ended: Date(microsecondsSince1970: 1_795_332_791_000_000))
    }

    private static let first = ToolBuilds(["web": build("b1", at: 1_795_332_791_014_828)])

    @Test func whatIsStoredIsWhatIsRead() async throws {
        try await LiveCluster.with { live in
            let store = live.goodBuilds
            #expect(try await store.readBuilds(of: live.tool) == nil)
            try await store.writeBuilds(Self.first, over: nil, of: live.tool)
            let stored = try #require(try await store.readBuilds(of: live.tool))
            #expect(stored.builds == Self.first)
            var next = stored.builds
            var bare = Self.build("b2", at: 1_795_332_791_014_829)
            (bare.commit, bare.image, bare.builder, bare.ended, bare.source.ref) = (nil, nil, nil, nil, nil)
            bare.environment = ""
            let change1 = next.note(["api": bare])
            #expect(change1)
            try await store.writeBuilds(next, over: stored, of: live.tool)
            #expect(try await store.readBuilds(of: live.tool)?.builds == next)
            #expect(
                live.calls() == [
                    "get toolbuilds", "create toolbuilds", "get toolbuilds", "patch toolbuilds", "get toolbuilds",
                ])
        }
    }

    @Test func whatHasChangedIsNotOverwritten() async throws {
        try await LiveCluster.with { live in
            let store = live.goodBuilds
            try await store.writeBuilds(Self.first, over: nil, of: live.tool)
            await #expect(throws: ClusterFailure.exists) {
                try await store.writeBuilds(ToolBuilds(), over: nil, of: live.tool)
            }
            let stored = try #require(try await store.readBuilds(of: live.tool))
            try await store.writeBuilds(ToolBuilds(["api": Self.build("b3", at: 7)]), over: stored, of: live.tool)
            await #expect(throws: ClusterFailure.conflict) {
                try await store.writeBuilds(Self.first, over: stored, of: live.tool)
            }
        }
    }

    @Test func aDeploymentEndsWhereTheKindOrTheRightIsMissing() async throws {
        for verb in ["get", "create"] {
            try await LiveCluster.with { live in
                let deployment = try await ServiceCallTests.deployed(live, 1)
                let message = "toolbuilds is forbidden: User \"system:serviceaccount:x:y\" cannot \(verb) resource"
                try live.cluster.setFaults([
                    LiveCluster.fault(verb, "toolbuilds", LiveCluster.refusal(403, "Forbidden", message), times: nil)
                ])
                for build in deployment.builds {
                    try await live.setCondition(of: build.id, "True", reason: "Succeeded")
                }
                #expect(try await live.service().deployment(deployment.id, of: live.tool).phase == .succeeded)
            }
        }
    }
}
