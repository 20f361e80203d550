import JSON
import TestSupport
import Testing

@testable import Kubernetes

/// A watch against random schedules of faults: whatever happens on the way, it ends with what a list would say.
@Suite struct WatchScheduleTests {
    private static let schedules = 10_000
    private static let batches = 10

    @Test(arguments: 0..<batches)
    func endsWithTheSameCacheAsAListAfterAnyScheduleOfFaults(_ batch: Int) async throws {
        let seed = SeededRandom.anySeed() &+ UInt64(batch)
        var random = SeededRandom(seed: seed)
        for number in 0..<Self.schedules / Self.batches {
            var schedule = Schedule(random: SeededRandom(seed: random.next()))
            let problem = schedule.run()
            await Task.yield()
            try #require(problem == nil, "seed \(seed), schedule \(number): \(problem ?? "")")
        }
    }

    /// One watch and its server.
    private struct Schedule {
        var random: SeededRandom
        var collection = SimulatedCollection()
        var machine: WatchMachine<Int64>
        var cache = CacheContents<Int64>()
        var now = ContinuousClock.now
        /// What the open watch has sent, and what of it is still on the way.
        var cursor = 0
        var onTheWay: [UInt8] = []
        var hasReset = false
        var listVersion = 0
        var listed: [JSONValue] = []

        init(random: SeededRandom) {
            self.random = random
            machine = .sizes(limit: Int.random(in: 1...4, using: &self.random))
            for _ in 0..<draw(5) { collection.change(using: &self.random) }
        }

        mutating func draw(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &random) }

        /// What is wrong at the end, if anything is.
        mutating func run() -> String? {
            for _ in 0..<10 {
                for _ in 0..<draw(2) { collection.change(using: &random) }
                if draw(8) == 0 { collection.compact() }
                if let problem = step(isFaulty: true) { return problem }
            }
            // From now on nothing changes and nothing fails.
            for _ in 0..<60 {
                if let problem = step(isFaulty: false) { return problem }
                let found = cache.objects.compactMapValues { try? $0.get() }
                if found == collection.sizes, found.count == cache.objects.count, cache.state.isLive, onTheWay.isEmpty,
                    cursor == collection.version
                {
                    return nil
                }
            }
            return "the cache holds \(cache.objects.count) objects, the server \(collection.objects.count)"
        }

        private mutating func step(isFaulty: Bool) -> String? {
            let isFaulty = isFaulty && draw(2) == 0
            let action = machine.next(using: &random)
            switch action {
            case .wait(let duration):
                guard duration > .zero, duration < .seconds(20) else { return "a wait of \(duration)" }
                now += duration
            case .list(let query):
                if isFaulty { machine.failed(refusal()) } else { list(query) }
            case .watch(let version, let seconds):
                guard (300...600).contains(seconds) else { return "a watch of \(seconds) s" }
                if isFaulty { machine.failed(refusal()) } else { open(Int(version) ?? -1) }
            case .read:
                read(isFaulty: isFaulty)
            }
            while let event = machine.pop() {
                switch event {
                case .reset: hasReset = true
                case .applied, .deleted: if !hasReset { return "a change before the first list" }
                case .live, .interrupted: break
                }
                _ = cache.apply(event, now: now)
            }
            return nil
        }

        private mutating func list(_ query: ListQuery) {
            if query.continueToken == nil {
                listVersion = collection.version
                listed = collection.list
            } else if listVersion < collection.oldest {
                return machine.failed(gone)
            }
            let start = query.continueToken.flatMap { Int($0) } ?? 0
            let end = min(start + query.limit, listed.count)
            machine.listed(
                ListPage(
                    items: Array(listed[start..<end]), continueToken: end < listed.count ? String(end) : nil,
                    resourceVersion: String(listVersion)))
        }

        private mutating func open(_ version: Int) {
            if version < collection.oldest, draw(2) == 0 { return machine.failed(gone) }
            machine.opened(now: now)
            cursor = version
            onTheWay = []
        }

        private mutating func read(isFaulty: Bool) {
            now += .milliseconds(Int64(draw(2_000)))
            if onTheWay.isEmpty {
                guard let changes = collection.changes(after: cursor) else {
                    return machine.received(
                        Array(
                            """
                            {"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","status":"Failure",\
                            "message":"too old resource version","reason":"Expired","code":410}}

                            """.utf8))
                }
                onTheWay = changes.flatMap(collection.line(of:))
                if changes.isEmpty { onTheWay = SimulatedCollection.line("BOOKMARK", collection.version, name: nil) }
                cursor = collection.version
            }
            // A piece, cut anywhere, before the fault if there is one.
            let piece = Array(onTheWay.prefix(1 + draw(onTheWay.count)))
            onTheWay.removeFirst(piece.count)
            machine.received(piece)
            guard isFaulty else { return }
            switch draw(8) {
            case 0: machine.failed(KubernetesError(.connection, "reset by peer"))
            case 1: machine.failed(KubernetesError(.timeout, "silence"))
            case 2: machine.ended(now: now)
            case 3: machine.received(Array("garbled\n".utf8))
            case 4: machine.received(Array(#"{"type":"ADDED","object":{"kind":"Pod"}}"#.utf8) + [10])
            case 5: machine.received([UInt8](repeating: UInt8(ascii: "x"), count: 5_000))
            case 6:
                let error = #"{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","code":500}}"#
                machine.received(Array(error.utf8) + [10])
            default: now += .seconds(600)
            }
            // Whatever the machine made of it, a reader that goes on reads what is on the way.
        }

        private var gone: KubernetesError { Self.error(410, #""reason":"Expired","# + #""code":410"#) }

        private mutating func refusal() -> KubernetesError {
            switch draw(8) {
            case 0: KubernetesError(.connection, "refused")
            case 1: KubernetesError(.timeout, "no response")
            case 2: Self.error(429, nil, retryAfter: "2")
            case 3: Self.error(429, #""reason":"TooManyRequests","details":{"retryAfterSeconds":1},"code":429"#)
            case 4: Self.error(403, #""reason":"Forbidden","code":403"#)
            case 5: Self.error([500, 502, 503, 504][draw(4)], nil)
            case 6: gone
            default: KubernetesError(.responseTooLarge, "too large")
            }
        }

        private static func error(_ status: Int, _ members: String?, retryAfter: String? = nil) -> KubernetesError {
            let body = members.map { #"{"kind":"Status","apiVersion":"v1","status":"Failure",\#($0)}"# }
            return KubernetesError(
                response: KubernetesResponse(
                    status: status, retryAfter: retryAfter,
                    body: Array((body ?? "Too many requests, please try again later.\n").utf8)),
                isWrite: false)
        }
    }
}
