import Components
import ComponentsKubernetes
import FakeKubernetes
import JSON
import Kubernetes
import Testing

/// Configs that are stored only over what was read.
struct ConditionalConfigTests {
    private static func config(_ number: Int) -> JSONValue {
        [
            "components": ["web": ["build": ["repository": "https://example.org/w"]]],
            "number": .number(JSONNumber(number)),
        ]
    }

    private static func stored(_ write: ConfigWrite) throws -> ConfigRecord {
        guard case .stored(let record) = write else {
            Issue.record("not stored: \(write)")
            throw ClusterFailure.conflict
        }
        return record
    }

    /// A first config is stored, and what that took is forgotten.
    private static func withConfig(
        retries: Int = 0, _ body: @escaping @Sendable (LiveCluster, ConfigRecord) async throws -> Void
    ) async throws {
        try await LiveCluster.with(retries: retries) { live in
            let record = try stored(await live.configs.write(config(1), for: live.tool))
            live.cluster.clearJournal()
            try await body(live, record)
        }
    }

    @Test func theVersionIsThatOfTheStoredObject() async throws {
        try await Self.withConfig { live, first in
            #expect(first.version == live.config?.at("metadata", "resourceVersion")?.string)
            #expect(try await live.configs.read(live.tool) == first)
            let second = try Self.stored(await live.configs.write(Self.config(2), for: live.tool))
            #expect(second.version != first.version)
            #expect(try await live.configs.read(live.tool) == second)
        }
    }

    @Test func onlyTheVersionThatIsMeantIsRemoved() async throws {
        try await Self.withConfig { live, first in
            let stale = try await live.configs.remove(live.tool, if: .init(match: .listed(["1"])))
            #expect(stale == .refused(.changed))
            #expect(live.calls() == ["get toolconfigs"])
            let removed = try await live.configs.remove(live.tool, if: .init(match: .listed([first.version])))
            #expect(removed == .removed(first))
            #expect(live.calls() == ["get toolconfigs", "delete toolconfigs"])
            #expect(try await live.configs.read(live.tool) == nil)
            #expect(try await live.configs.remove(live.tool) == .absent)
        }
    }

    @Test(arguments: ["before", "after"])
    func removalWithoutAnAnswerIsARemoval(_ moment: String) async throws {
        try await Self.withConfig(retries: 1) { live, first in
            try live.cluster.setFaults([LiveCluster.fault("delete", "toolconfigs", ["drop": .string(moment)])])
            #expect(try await live.configs.remove(live.tool) == .removed(first))
            #expect(live.config == nil)
        }
    }

    @Test func overTheVersionThatIsThereIsOneCall() async throws {
        try await Self.withConfig { live, first in
            let second = try Self.stored(
                await live.configs.write(Self.config(2), for: live.tool, if: .init(match: .listed([first.version]))))
            #expect(second.document == Self.config(2))
            #expect(live.calls() == ["patch toolconfigs"])
            let stale = try await live.configs.write(
                Self.config(3), for: live.tool, if: .init(match: .listed([first.version])))
            #expect(stale == .refused(.changed))
            #expect(live.calls() == ["patch toolconfigs"])
            #expect(try await live.configs.read(live.tool) == second)
        }
    }

    /// The API server takes some of these for no condition at all.
    @Test(arguments: ["0", "", "00", "-1", "+1", "01", "x", "1.0", "18446744073709551616", "99999999"])
    func aTagThatIsNoVersionOfItsOwnMatchesNothing(_ tag: String) async throws {
        try await Self.withConfig { live, first in
            for tag in [tag, tag + first.version] where tag != first.version {
                let write = try await live.configs.write(
                    Self.config(2), for: live.tool, if: .init(match: .listed([tag])))
                #expect(write == .refused(.changed), "\(tag)")
            }
            #expect(try await live.configs.read(live.tool) == first)
        }
    }

    @Test func theOldVersionDoesNotComeBackWithAnotherConfigOfTheSameName() async throws {
        try await Self.withConfig { live, first in
            try await live.client.resources(AnyConfig.self, namespace: "tool-demo").delete("demo-config")
            let onlyOld = ConfigPrecondition(match: .listed([first.version]))
            #expect(try await live.configs.write(Self.config(2), for: live.tool, if: onlyOld) == .refused(.missing))
            #expect(live.config == nil)
            _ = try await live.configs.write(Self.config(1), for: live.tool)
            #expect(try await live.configs.write(Self.config(2), for: live.tool, if: onlyOld) == .refused(.changed))
        }
    }

    @Test func aFirstOneIsStoredOnce() async throws {
        try await LiveCluster.with { live in
            let first = ConfigPrecondition(noneMatch: .any)
            let record = try Self.stored(await live.configs.write(Self.config(1), for: live.tool, if: first))
            #expect(live.calls() == ["create toolconfigs"])
            #expect(try await live.configs.write(Self.config(2), for: live.tool, if: first) == .refused(.present))
            #expect(live.calls() == ["create toolconfigs"])
            #expect(try await live.configs.read(live.tool) == record)
            let nobody = try #require(ToolName("nobody"))
            await #expect(throws: ClusterFailure.toolMissing) {
                try await live.configs.write(Self.config(1), for: nobody, if: first)
            }
        }
    }

    @Test func anyAsksThatThereIsOne() async throws {
        try await LiveCluster.with { live in
            let any = ConfigPrecondition(match: .any)
            #expect(try await live.configs.write(Self.config(1), for: live.tool, if: any) == .refused(.missing))
            #expect(live.calls() == ["patch toolconfigs"])
            _ = try await live.configs.write(Self.config(1), for: live.tool)
            live.cluster.clearJournal()
            _ = try Self.stored(await live.configs.write(Self.config(2), for: live.tool, if: any))
            #expect(live.calls() == ["patch toolconfigs"])
        }
    }

    @Test func whatOneWriteCannotAskForIsLookedAtFirst() async throws {
        try await Self.withConfig { live, first in
            let both = ConfigPrecondition(match: .listed(["1", first.version]), noneMatch: .listed(["1"]))
            let second = try Self.stored(await live.configs.write(Self.config(2), for: live.tool, if: both))
            #expect(live.calls() == ["get toolconfigs", "patch toolconfigs"])
            #expect(live.config?.at("metadata", "resourceVersion")?.string == second.version)
            let none = ConfigPrecondition(noneMatch: .listed([second.version]))
            #expect(try await live.configs.write(Self.config(3), for: live.tool, if: none) == .refused(.present))
            #expect(live.calls() == ["get toolconfigs"])
        }
        try await LiveCluster.with { live in
            let none = ConfigPrecondition(noneMatch: .listed(["1"]))
            _ = try Self.stored(await live.configs.write(Self.config(1), for: live.tool, if: none))
            #expect(live.calls() == ["get toolconfigs", "create toolconfigs"])
        }
    }

    @Test(arguments: ["before", "after"])
    func aWriteWhoseAnswerWasLostIsNoConflictWithItself(_ moment: String) async throws {
        try await Self.withConfig(retries: 1) { live, first in
            try live.cluster.setFaults([LiveCluster.fault("patch", "toolconfigs", ["drop": .string(moment)])])
            let second = try Self.stored(
                await live.configs.write(Self.config(2), for: live.tool, if: .init(match: .listed([first.version]))))
            #expect(try await live.configs.read(live.tool) == second)
            #expect(second.document == Self.config(2))
        }
        try await LiveCluster.with(retries: 1) { live in
            try live.cluster.setFaults([LiveCluster.fault("create", "toolconfigs", ["drop": .string(moment)])])
            let first = try Self.stored(
                await live.configs.write(Self.config(1), for: live.tool, if: .init(noneMatch: .any)))
            #expect(try await live.configs.read(live.tool) == first)
        }
    }

    /// Stored and replaced, or never stored: "nothing was stored" could be a lie, and a merge could count twice.
    @Test func whatNobodyCanTellIsNotCalledAFailedPrecondition() async throws {
        try await Self.withConfig(retries: 1) { live, first in
            try live.cluster.setFaults([
                LiveCluster.fault("patch", "toolconfigs", ["drop": "before"]),
                LiveCluster.fault("patch", "toolconfigs", LiveCluster.refusal(409, "Conflict", "it was modified")),
            ])
            await #expect(throws: ClusterFailure.timedOut(mayHaveHappened: true)) {
                try await live.configs.write(Self.config(2), for: live.tool, if: .init(match: .listed([first.version])))
            }
        }
    }

    @Test func writersWhoLookFirstLoseNothing() async throws {
        try await Self.withConfig(retries: 3) { live, _ in
            await withTaskGroup { group in
                for _ in 0..<8 {
                    group.addTask {
                        for _ in 0..<10 { await Self.increment(live) }
                    }
                }
            }
            let stored = try await live.configs.read(live.tool)
            #expect(stored?.document == Self.config(81))
        }
    }

    private static func increment(_ live: LiveCluster) async {
        while true {
            do {
                guard let read = try await live.configs.read(live.tool),
                    case .number(let number)? = read.document["number"], let count = number.int64
                else { break }
                let write = try await live.configs.write(
                    config(Int(count) + 1), for: live.tool, if: .init(match: .listed([read.version])))
                if case .stored = write { return }
            } catch {
                Issue.record(error)
                return
            }
        }
        Issue.record("no number")
    }
}
