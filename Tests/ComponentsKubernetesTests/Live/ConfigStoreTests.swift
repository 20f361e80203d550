import Components
import ComponentsKubernetes
import FakeKubernetes
import JSON
import Kubernetes
import Testing

/// Configs in a cluster.
struct ConfigStoreTests {
    private static let first: JSONValue = [
        "components": ["web": ["build": ["repository": "https://example.org/w"]]], "z": 1, "a": [1, nil],
    ]
    private static let second: JSONValue = [
        "components": ["api": ["build": ["repository": "https://example.org/a"]]]
    ]

    @Test func aFirstConfigIsPatchedThenCreatedAndEveryLaterOneIsOneCall() async throws {
        try await LiveCluster.with { live in
            let none = try await live.configs.read(live.tool)
            #expect(none == nil)
            #expect(live.calls() == ["get toolconfigs"])
            #expect(try await live.stored(Self.first) == Self.first)
            #expect(live.calls() == ["patch toolconfigs", "create toolconfigs"])
            #expect(try await live.stored(Self.second) == Self.second)
            #expect(live.calls() == ["patch toolconfigs"])
            // Nothing of the one before is left, whoever wrote it.
            #expect(try await live.configs.read(live.tool)?.document == Self.second)
            #expect(live.config?["spec"]?.object?.keys == ["components"])
        }
    }

    @Test func everyWriteSaysWhoAsksAndRefusesUnknownFields() async throws {
        try await LiveCluster.with { live in
            _ = try await live.service().store(config: Self.first, for: live.tool)
            let started = try await live.service(retained: 1).deploy(live.tool).deployment
            _ = try await live.service(retained: 1).deploy(live.tool)
            let entries = live.cluster.journal
            let writes = entries.filter { ["create", "patch", "update"].contains($0["verb"]?.string) }
            #expect(writes.count == 2 + 2 * 3 + 1)
            #expect(!started.builds.isEmpty)
            for write in writes {
                // A status loses what an earlier custom resource does not know: its deployment ends all the same.
                let validation = write["subresource"]?.string == "status" ? "Ignore" : "Strict"
                #expect(write["query"]?.string == "fieldManager=components-api&fieldValidation=\(validation)")
            }
        }
    }

    @Test(arguments: ["before", "after"])
    func aCreationWithoutAnAnswerIsRepeated(_ moment: String) async throws {
        try await LiveCluster.with(retries: 1) { live in
            try live.cluster.setFaults([LiveCluster.fault("create", "toolconfigs", ["drop": .string(moment)])])
            #expect(try await live.stored(Self.first) == Self.first)
            #expect(try await live.configs.read(live.tool)?.document == Self.first)
        }
    }

    @Test func ofTwoThatCreateAtTheSameMomentBothStoreTheirs() async throws {
        try await LiveCluster.with { live in
            // Both patch before either creates.
            try live.cluster.setFaults([
                LiveCluster.fault(
                    "patch", "toolconfigs", LiveCluster.refusal(404, "NotFound", "not found"), times: 2)
            ])
            async let one = live.stored(Self.first)
            async let other = live.stored(Self.second)
            #expect(try await [one, other] == [Self.first, Self.second])
            let stored = try await live.configs.read(live.tool)?.document
            #expect(stored == Self.first || stored == Self.second)
        }
    }

    @Test func aToolWithoutANamespaceIsMissing() async throws {
        try await LiveCluster.with { live in
            let nobody = try #require(ToolName("nobody"))
            await #expect(throws: ClusterFailure.toolMissing) {
                try await live.configs.write(Self.first, for: nobody)
            }
            #expect(try await live.configs.read(nobody) == nil)
            #expect(try await live.configs.toolExists(nobody) == false)
            #expect(try await live.configs.toolExists(live.tool))
            await #expect(throws: ComponentsError.cluster(.toolMissing, about: .tool(nobody))) {
                try await live.service().config(of: nobody)
            }
            await #expect(throws: ComponentsError.configMissing(live.tool)) {
                try await live.service().config(of: live.tool)
            }
        }
    }

    @Test func readinessNeedsBothKinds() async throws {
        try await LiveCluster.with { live in
            try await live.configs.checkReadiness()
            #expect(live.cluster.journal.count == 1)
        }
        try await LiveCluster.with(knowsKinds: false) { live in
            await #expect {
                try await live.configs.checkReadiness()
            } throws: { error in
                guard case ClusterFailure.failed(let reason) = error else { return false }
                return reason.contains("chart/crds")
            }
        }
    }

    @Test(arguments: 0..<4)
    func aKindThatTheClusterDoesNotKnowIsNoRace(_ call: Int) async throws {
        try await LiveCluster.with(knowsKinds: false) { live in
            await #expect {
                switch call {
                case 0: _ = try await live.service().config(of: live.tool)
                case 1: _ = try await live.service().store(config: Self.second, for: live.tool)
                case 2: _ = try await live.service().deploy(live.tool)
                default: _ = try await live.service().deployment("demo-deploy-1", of: live.tool)
                }
            } throws: { error in
                if case ComponentsError.cluster(.failed, _) = error { true } else { false }
            }
        }
    }
}

extension LiveCluster {
    /// Stores a config whatever is there; what is stored then.
    fileprivate func stored(_ document: JSONValue) async throws -> JSONValue? {
        guard case .stored(let record) = try await configs.write(document, for: tool) else { return nil }
        return record.document
    }
}
