import JSON
import Synchronization
import TestSupport
import Testing

@testable import Kubernetes

/// Watches against random faults of a server, over real connections: each ends with what a list would say.
@Suite struct WatchOnTheWireTests {
    private static let watches = 200
    private static let atOnce = 100

    @Test func everyWatchEndsWithTheSameCacheAsAList() async throws {
        let seed = SeededRandom.anySeed()
        let cluster = FaultyCluster(count: Self.watches, seed: seed)
        try await ScriptedServer.run(answering: cluster.answer) { server in
            try await KubernetesClient.with(server, maximumRetries: 0) { client in
                await withTaskGroup(of: Void.self) { group in
                    for number in 0..<Self.watches {
                        if number >= Self.atOnce { await group.next() }
                        group.addTask {
                            await Self.follow(client, cluster, number)
                            #expect(cluster.isCalm(number), "seed \(seed), watch \(number)")
                        }
                    }
                }
            }
        }
    }

    /// Returns once the server's faults are over and the cache is the server's state.
    private static func follow(_ client: KubernetesClient, _ cluster: FaultyCluster, _ number: Int) async {
        var cache = CacheContents<Int64>()
        let gadgets = client.resources(Gadget.self, namespace: "tool-\(number)")
        let watch = gadgets.watch(ListQuery(limit: 2), silence: .milliseconds(500)) { $0.size }
        for await event in watch {
            _ = cache.apply(event, now: .now)
            if cluster.isCalm(number), cache.state.isLive,
                cache.objects.compactMapValues({ try? $0.get() }) == cluster.sizes(number)
            {
                return
            }
        }
    }
}

/// A server of many namespaces, in each of which it fails a few times.
private final class FaultyCluster: Sendable {
    fileprivate struct Namespace {
        var collection = SimulatedCollection()
        var faultsLeft: Int
        var random: SeededRandom
        /// The list under way, and its version.
        var listed: [JSONValue] = []
        var listVersion = 0
    }

    private let namespaces: Mutex<[Namespace]>

    init(count: Int, seed: UInt64) {
        var random = SeededRandom(seed: seed)
        namespaces = Mutex(
            (0..<count).map { number in
                var namespace = Namespace(faultsLeft: 4, random: SeededRandom(seed: random.next()))
                namespace.collection.namespace = "tool-\(number)"
                for _ in 0..<4 { namespace.collection.change(using: &namespace.random) }
                return namespace
            })
    }

    func isCalm(_ number: Int) -> Bool { namespaces.withLock { $0[number].faultsLeft == 0 } }
    func sizes(_ number: Int) -> [ObjectKey: Int64] { namespaces.withLock { $0[number].collection.sizes } }

    @Sendable func answer(_ request: ReceivedRequest) -> ScriptedStep {
        let path = request.target.split(separator: "?")
        let number = Int(path[0].split(separator: "/")[4].dropFirst("tool-".count)) ?? 0
        var query: [String: String] = [:]
        for parameter in path[1].split(separator: "&") {
            let parts = parameter.split(separator: "=", maxSplits: 1).map(String.init)
            query[parts[0]] = parts[1]
        }
        return namespaces.withLock { $0[number].answer(query) }
    }
}

extension FaultyCluster.Namespace {
    fileprivate mutating func draw(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &random) }

    fileprivate mutating func answer(_ query: [String: String]) -> ScriptedStep {
        let isFaulty = faultsLeft > 0 && draw(3) > 0
        if isFaulty {
            faultsLeft -= 1
            collection.change(using: &random)
            if draw(4) == 0 { collection.compact() }
        }
        if query["watch"] != nil { return watch(Int(query["resourceVersion"] ?? "") ?? 0, isFaulty: isFaulty) }
        return isFaulty ? fault() : list(query)
    }

    private mutating func fault() -> ScriptedStep {
        switch draw(5) {
        case 0: .close
        case 1: .closeMidBody
        case 2: .response(status: 429, headers: ["retry-after": "0"], body: Array("Too many requests".utf8))
        case 3: .status(410, "Expired", "The provided continue parameter is too old")
        default: .status([403, 500, 503][draw(3)], nil, "no")
        }
    }

    private mutating func list(_ query: [String: String]) -> ScriptedStep {
        if query["continue"] == nil { (listed, listVersion) = (collection.list, collection.version) }
        let start = query["continue"].flatMap { Int($0) } ?? 0
        let end = min(start + (Int(query["limit"] ?? "") ?? 1), listed.count)
        return .json(
            200,
            [
                "apiVersion": "example.org/v1", "kind": "GadgetList",
                "metadata": [
                    "resourceVersion": .string(String(listVersion)),
                    "continue": .string(end < listed.count ? String(end) : ""),
                ],
                "items": .array(Array(listed[start..<end])),
            ])
    }

    private mutating func watch(_ version: Int, isFaulty: Bool) -> ScriptedStep {
        guard let changes = collection.changes(after: version) else {
            return .pieces(
                [
                    Array(
                        """
                        {"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","reason":"Expired","code":410}}

                        """.utf8)
                ], then: .end)
        }
        if isFaulty, draw(3) == 0 { return fault() }
        var bytes = changes.flatMap(collection.line(of:))
        bytes += SimulatedCollection.line("BOOKMARK", collection.version, name: nil)
        guard isFaulty else { return .pieces(cut(bytes), then: .silence) }
        bytes = Array(bytes.prefix(draw(bytes.count + 1)))
        switch draw(4) {
        case 0: return .pieces(cut(bytes), then: .end)
        case 1: return .pieces(cut(bytes), then: .silence)
        case 2: return .pieces(cut(bytes) + [Array("garbled\n".utf8)], then: .silence)
        default: return .pieces(cut(bytes), then: .cut)
        }
    }

    private mutating func cut(_ bytes: [UInt8]) -> [[UInt8]] {
        guard !bytes.isEmpty else { return [] }
        let place = draw(bytes.count)
        return [Array(bytes[..<place]), Array(bytes[place...])].filter { !$0.isEmpty }
    }
}
