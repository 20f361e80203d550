import JSON
import TestSupport
import Testing

@testable import Kubernetes

@Suite struct WatchMachineTests {
    private var machine = WatchMachine<Int64>.sizes()
    private var random = SeededRandom(seed: 1)
    private let now = ContinuousClock.now

    private mutating func next() -> WatchMachine<Int64>.Action { machine.next(using: &random) }

    /// Events in a form that can be compared.
    private mutating func events() -> [String] {
        var found: [String] = []
        while let event = machine.pop() {
            switch event {
            case .reset(let all):
                found.append("reset " + all.keys.sorted().map { "\($0.name)" }.joined(separator: ","))
            case .applied(let key, let value): found.append("applied \(key) \((try? value.get()) ?? -1)")
            case .deleted(let key, let value): found.append("deleted \(key) \((try? value.get()) ?? -1)")
            case .live: found.append("live")
            case .interrupted(let error): found.append("interrupted \(error.code)")
            }
        }
        return found
    }

    private mutating func list(_ names: [String], version: String = "7") {
        machine.listed(
            ListPage(
                items: names.map { SimulatedCollection.object($0, size: 1, version: 7) }, continueToken: nil,
                resourceVersion: version))
    }

    /// A watch that is open, with one object.
    private mutating func open() -> [String] {
        list(["a"])
        machine.opened(now: now)
        return events()
    }

    private mutating func watchedVersion() -> String? {
        if case .watch(let version, _) = next() { version } else { nil }
    }

    @Test mutating func listsThenWatchesFromTheListsVersion() {
        #expect(next() == .list(ListQuery(limit: 500)))
        machine.listed(
            ListPage(
                items: [SimulatedCollection.object("a", size: 1, version: 3)], continueToken: "t", resourceVersion: "7")
        )
        #expect(next() == .list(ListQuery(limit: 500, continueToken: "t")))
        #expect(events() == [])
        list(["b"])
        #expect(events() == ["reset a,b"])
        #expect(watchedVersion() == "7")
        machine.opened(now: now)
        #expect(next() == .read)
        #expect(events() == ["live"])
    }

    @Test mutating func tellsEveryChangeHoweverTheBytesAreCut() {
        let lines =
            SimulatedCollection.line("ADDED", 8, name: "b", size: 5)
            + SimulatedCollection.line("MODIFIED", 9, name: "b", size: 6)
            + SimulatedCollection.line("DELETED", 10, name: "b", size: 6)
            + SimulatedCollection.line("BOOKMARK", 12, name: nil)
        for cut in 0...lines.count {
            var test = self
            #expect(test.open() == ["reset a", "live"])
            test.machine.received(Array(lines[..<cut]))
            test.machine.received(Array(lines[cut...]))
            #expect(
                test.events() == ["applied tool-demo/b 5", "applied tool-demo/b 6", "deleted tool-demo/b 6", "live"])
            // The server ends the watch: it goes on from the newest version, at once.
            test.machine.ended(now: now + .seconds(300))
            #expect(test.watchedVersion() == "12")
        }
    }

    @Test mutating func watchesAgainFromTheNewestVersionAfterAFailure() {
        _ = open()
        machine.received(SimulatedCollection.line("ADDED", 8, name: "b", size: 5))
        machine.failed(KubernetesError(.connection, "reset"))
        #expect(events() == ["applied tool-demo/b 5", "interrupted connection"])
        guard case .wait(let pause) = next() else { return _ = Issue.record("it does not wait") }
        #expect(pause >= .milliseconds(125) && pause <= .milliseconds(375))
        #expect(watchedVersion() == "8")
    }

    @Test mutating func listsAgainWhenTheVersionIsNoLongerKept() {
        _ = open()
        let gone = #"{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","reason":"Expired","code":410}}"#
        machine.received(Array(gone.utf8) + [10])
        #expect(events() == ["interrupted gone"])
        // At once the first time; a server that repeats it is not asked without a pause.
        #expect(next() == .list(ListQuery(limit: 500)))
        list([])
        machine.failed(KubernetesError(.gone, "a version that was just listed"))
        guard case .wait = next() else { return _ = Issue.record("it does not wait") }
        #expect(next() == .list(ListQuery(limit: 500)))
        list(["c"])
        #expect(events() == ["reset ", "interrupted gone", "reset c"])
    }

    @Test mutating func listsAgainAfterThreeRefusalsInARow() {
        _ = open()
        for attempt in 1...3 {
            machine.received(Array("{\n".utf8))
            #expect(events() == ["interrupted invalidResponse"])
            guard case .wait = next() else { return _ = Issue.record("it does not wait") }
            if attempt < 3 {
                #expect(watchedVersion() == "7")
                machine.opened(now: now)
                #expect(events() == ["live"])
            }
        }
        #expect(next() == .list(ListQuery(limit: 500)))
    }

    @Test mutating func aClusterThatIsAwayCostsNoNewList() {
        _ = open()
        for _ in 0..<20 {
            machine.failed(KubernetesError(.connection, "refused"))
            guard case .wait(let pause) = next() else { return _ = Issue.record("it does not wait") }
            #expect(pause <= .milliseconds(7_500))
            #expect(watchedVersion() == "7")
        }
    }

    @Test mutating func waitsAsLongAsTheServerAsks() {
        list([])
        var busy = KubernetesError(.tooManyRequests, "later")
        busy.retryAfter = .seconds(2)
        busy.httpStatus = 429
        machine.failed(busy)
        guard case .wait(let pause) = next() else { return _ = Issue.record("it does not wait") }
        #expect(pause > .seconds(2))
    }

    @Test mutating func aWatchThatStaysMuteIsListedAgain() {
        _ = open()
        machine.failed(KubernetesError(.timeout, "silence"))
        guard case .wait = next() else { return _ = Issue.record("it does not wait") }
        #expect(next() == .list(ListQuery(limit: 500)))
    }

    @Test mutating func aSilenceAfterABookmarkIsOnlyAConnectionThatBroke() {
        _ = open()
        machine.received(SimulatedCollection.line("BOOKMARK", 9, name: nil))
        machine.failed(KubernetesError(.timeout, "silence"))
        guard case .wait = next() else { return _ = Issue.record("it does not wait") }
        #expect(watchedVersion() == "9")
    }

    @Test mutating func anEndWithinAnEventIsAFailure() {
        _ = open()
        machine.received(Array(SimulatedCollection.line("ADDED", 8, name: "b").dropLast()))
        machine.ended(now: now + .seconds(300))
        #expect(events() == ["interrupted connection"])
        guard case .wait = next() else { return _ = Issue.record("it does not wait") }
        #expect(watchedVersion() == "7")
    }

    @Test mutating func aWatchThatEndsAtOnceAgainAndAgainIsSlowedDown() {
        _ = open()
        machine.ended(now: now + .milliseconds(10))
        guard case .wait = next() else { return _ = Issue.record("it does not wait") }
        #expect(watchedVersion() == "7")
    }

    @Test mutating func anEventLongerThanTheLimitLeadsToANewList() {
        machine = .sizes(maximumLineLength: 100)
        _ = open()
        machine.received([UInt8](repeating: 0x20, count: 101))
        #expect(events() == ["interrupted responseTooLarge"])
        guard case .wait = next() else { return _ = Issue.record("it does not wait") }
        #expect(next() == .list(ListQuery(limit: 500)))
    }

    @Test mutating func asksForSmallerPagesWhenAPageIsTooLarge() {
        machine.failed(KubernetesError(.responseTooLarge, "8 MiB"))
        #expect(next() == .list(ListQuery(limit: 125)))
    }

    @Test mutating func anObjectThatCannotBeReadHarmsNoOther() {
        _ = open()
        let unreadable =
            #"{"type":"ADDED","object":{"apiVersion":"example.org/v1","kind":"Gadget","metadata":"#
            + #"{"name":"b","namespace":"tool-demo","resourceVersion":"8"}}}"#
        machine.received(Array(unreadable.utf8) + [10] + SimulatedCollection.line("ADDED", 9, name: "c", size: 3))
        #expect(events() == ["applied tool-demo/b -1", "applied tool-demo/c 3"])
    }

    @Test(arguments: [
        #"{"type":"ADDED"}"#, #"{"object":{}}"#, "[]", "null", #"{"type":"SOMETHING","object":{}}"#,
        #"{"type":"ADDED","object":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","resourceVersion":"9"}}}"#,
        #"{"type":"BOOKMARK","object":{"metadata":{}}}"#,
    ])
    func aLineThatIsNoEventOfThisKindChangesNothing(_ line: String) {
        var test = self
        _ = test.open()
        test.machine.received(Array(line.utf8) + [10])
        #expect(test.events() == ["interrupted invalidResponse"])
    }

    /// The bodies of watches as a real API server sent them, one event a line.
    @Test func readsWhatARealServerSends() throws {
        let file = try Recorded.file("watch")
        var lines = 0
        for exchange in file where exchange.status == 200 {
            for event in exchange.body.arrayValue ?? [] {
                guard let kind = event["object"]?["kind"]?.stringValue,
                    let apiVersion = event["object"]?["apiVersion"]?.stringValue, kind != "Status"
                else { continue }
                let parts = apiVersion.split(separator: "/").map(String.init)
                let definition = ResourceDefinition(
                    group: parts.count == 2 ? parts[0] : "", version: parts.last ?? "", plural: "x", kind: kind)
                var machine = WatchMachine<Void>(
                    query: ListQuery(limit: 1), check: ResponseCheck(definition: definition, namespace: nil),
                    maximumLineLength: 1 << 20
                ) { _ in .success(()) }
                machine.listed(ListPage(items: [], continueToken: nil, resourceVersion: "1"))
                machine.opened(now: now)
                machine.received(event.serialized() + [10])
                var events: [WatchEvent<Void>] = []
                while let event = machine.pop() { events.append(event) }
                #expect(events.count == 3, "\(exchange.name): \(events)")
                lines += 1
            }
        }
        #expect(lines > 0)
    }
}

@Suite struct LineBufferTests {
    @Test func cutsLinesWhereverThePiecesAreCut() throws {
        let text = Array("one\n\ntwo and more\nrest".utf8)
        for first in 0...text.count {
            for second in first...text.count {
                var buffer = LineBuffer(limit: 12)
                var lines: [String] = []
                for piece in [text[..<first], text[first..<second], text[second...]] {
                    buffer.append(Array(piece))
                    while let line = try buffer.next() { lines.append(String(decoding: line, as: UTF8.self)) }
                }
                #expect(lines == ["one", "", "two and more"])
                #expect(buffer.hasRest)
            }
        }
    }

    @Test func refusesALineThatIsTooLongBeforeItEnds() throws {
        var buffer = LineBuffer(limit: 3)
        buffer.append(Array("abc".utf8))
        #expect(try buffer.next() == nil)
        buffer.append(Array("d".utf8))
        #expect(throws: LineBuffer.TooLong.self) { try buffer.next() }
    }
}
