import Components
import ComponentsKubernetes
import FakeKubernetes
import Foundation
import Testing

/// The facts of deploy tokens in a cluster.
struct DeployTokenStoreTests {
    private static func token(_ digit: Character) -> DeployToken {
        DeployToken(
            keyID: "2026-11", nonce: String(repeating: digit, count: 32),
            createdAt: Date(microsecondsSince1970: 1_795_332_791_014_828),
            expiresAt: Date(microsecondsSince1970: 1_826_868_791_014_828))
    }

    @Test func eachOperationIsOneCall() async throws {
        try await LiveCluster.with { live in
            let store = live.tokens
            #expect(try await store.read(live.tool) == nil)
            try await store.create(Self.token("a"), for: live.tool)
            let first = try #require(try await store.read(live.tool))
            #expect(first.token == Self.token("a"))
            try await store.replace(first, by: Self.token("b"), of: live.tool)
            let second = try #require(try await store.read(live.tool))
            #expect(second.token == Self.token("b"))
            #expect(second.identity == first.identity)
            try await store.remove(second, of: live.tool)
            #expect(try await store.read(live.tool) == nil)
            #expect(
                live.calls() == [
                    "get deploytokens", "create deploytokens", "get deploytokens", "patch deploytokens",
                    "get deploytokens", "delete deploytokens", "get deploytokens",
                ])
        }
    }

    @Test func whatHasChangedIsNotOverwritten() async throws {
        try await LiveCluster.with { live in
            let store = live.tokens
            try await store.create(Self.token("a"), for: live.tool)
            await #expect(throws: ClusterFailure.exists) { try await store.create(Self.token("c"), for: live.tool) }
            let first = try #require(try await store.read(live.tool))
            try await store.replace(first, by: Self.token("b"), of: live.tool)
            await #expect(throws: ClusterFailure.conflict) {
                try await store.replace(first, by: Self.token("c"), of: live.tool)
            }
            await #expect(throws: ClusterFailure.conflict) { try await store.remove(first, of: live.tool) }
            #expect(try await store.read(live.tool)?.token == Self.token("b"))
        }
    }

    @Test(arguments: ["before", "after"])
    func aLostAnswerIsNoFailure(_ moment: String) async throws {
        try await LiveCluster.with(retries: 1) { live in
            let store = live.tokens
            for verb in ["create", "patch", "delete"] {
                try live.cluster.setFaults([LiveCluster.fault(verb, "deploytokens", ["drop": .string(moment)])])
                switch verb {
                case "create": try await store.create(Self.token("a"), for: live.tool)
                case "patch":
                    let stored = try #require(try await store.read(live.tool))
                    try await store.replace(stored, by: Self.token("b"), of: live.tool)
                    #expect(try await store.read(live.tool)?.token == Self.token("b"))
                default:
                    let stored = try #require(try await store.read(live.tool))
                    try await store.remove(stored, of: live.tool)
                    #expect(try await store.read(live.tool) == nil)
                }
            }
        }
    }

    @Test func noTokenIsStored() async throws {
        try await LiveCluster.with { live in
            let key = Data(repeating: 7, count: 32).base64EncodedString()
            let tokens = DeployTokens(
                store: live.tokens, configs: live.configs, keys: try TokenKeys(parsing: "2026-11 \(key)"))
            let text = try #require(try await tokens.createToken(for: live.tool).text)
            let stored = live.cluster.object(
                group: "deploy.toolforge.org", resource: "deploytokens", namespace: "tool-demo",
                name: "demo-deploy-token")
            let description = "\(try #require(stored))"
            #expect(description.contains("2026-11"))
            #expect(!description.contains(text))
            #expect(!description.contains(key))
            #expect(try await tokens.check(text, of: live.tool) == nil)
        }
    }

    @Test func aToolWithoutANamespaceIsMissing() async throws {
        try await LiveCluster.with { live in
            let nobody = try #require(ToolName("nobody"))
            #expect(try await live.tokens.read(nobody) == nil)
            await #expect(throws: ClusterFailure.toolMissing) {
                try await live.tokens.create(Self.token("a"), for: nobody)
            }
        }
    }
}

extension LiveCluster {
    fileprivate var tokens: KubernetesDeployTokenStore {
        KubernetesDeployTokenStore(client: client, logger: Self.logger)
    }
}
