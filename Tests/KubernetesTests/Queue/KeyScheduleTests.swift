import Synchronization
import TestSupport
import Testing

@testable import Kubernetes

@Suite struct KeyScheduleTests {
    private let start = ContinuousClock.now

    private func schedule() -> KeySchedule<String> {
        KeySchedule(firstDelay: .seconds(1), longestDelay: .seconds(8))
    }

    @Test func hasEachKeyOnceAndTheEarlierTimeHolds() {
        var keys = schedule()
        keys.add("a", due: start + .seconds(5))
        keys.add("a", due: start + .seconds(9))
        keys.add("b", due: start + .seconds(4))
        keys.add("a", due: start + .seconds(2))
        #expect(keys.count == 2)
        #expect(keys.next(now: start) == .wait(until: start + .seconds(2)))
        #expect(keys.next(now: start + .seconds(4)) == .run("a"))
        #expect(keys.next(now: start + .seconds(4)) == .run("b"))
        #expect(keys.next(now: start + .seconds(9)) == .idle)
    }

    @Test func aKeyThatIsAddedWhileItIsWorkedOnComesAgainAfterwards() {
        var keys = schedule()
        keys.add("a", due: start)
        #expect(keys.next(now: start) == .run("a"))
        keys.add("a", due: start)
        #expect(keys.next(now: start) == .idle)
        keys.ended("a", .done, now: start, jitter: 1)
        #expect(keys.next(now: start) == .run("a"))
        keys.ended("a", .done, now: start, jitter: 1)
        #expect(keys.next(now: start) == .idle)
        #expect(keys.count == 0)
    }

    @Test func aFailureComesAgainLaterEachTimeUntilItSucceeds() {
        var keys = schedule()
        var now = start
        keys.add("a", due: now)
        for delay in [1, 2, 4, 8, 8] {
            #expect(keys.next(now: now) == .run("a"))
            keys.ended("a", .failed, now: now, jitter: 1.5)
            now += .milliseconds(1_500) * delay
            #expect(keys.next(now: now - .milliseconds(1)) == .wait(until: now))
        }
        #expect(keys.next(now: now) == .run("a"))
        keys.ended("a", .again(after: .seconds(3)), now: now, jitter: 1)
        now += .seconds(3)
        #expect(keys.next(now: now) == .run("a"))
        keys.ended("a", .failed, now: now, jitter: 1)
        #expect(keys.next(now: now) == .wait(until: now + .seconds(1)))
    }

    @Test func aKeyThatIsRemovedDoesNotCome() {
        var keys = schedule()
        keys.add("a", due: start)
        keys.remove("a")
        #expect(keys.next(now: start) == .idle)
        keys.add("a", due: start)
        #expect(keys.next(now: start) == .run("a"))
        keys.add("a", due: start)
        keys.remove("a")
        keys.ended("a", .done, now: start, jitter: 1)
        #expect(keys.next(now: start) == .idle)
    }

    /// Against a plain list of what is due.
    @Test func agreesWithAPlainListOfWhatIsDue() {
        let seed = SeededRandom.anySeed()
        var random = SeededRandom(seed: seed)
        var keys = KeySchedule<Int>(firstDelay: .seconds(1), longestDelay: .seconds(8))
        var due: [Int: (instant: ContinuousClock.Instant, order: Int)] = [:]
        var running: Set<Int> = []
        var now = start
        var order = 0
        for _ in 0..<5_000 {
            let key = Int.random(in: 0..<12, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0:
                let instant = now + .milliseconds(Int.random(in: 0..<5_000, using: &random))
                keys.add(key, due: instant)
                if due[key].map({ instant < $0.instant }) ?? true {
                    order += 1
                    due[key] = (instant, order)
                }
            case 1:
                keys.remove(key)
                due[key] = nil
            case 2:
                guard let ended = running.randomElement(using: &random) else { continue }
                running.remove(ended)
                keys.ended(ended, .done, now: now, jitter: 1)
            default:
                now += .milliseconds(Int.random(in: 0..<1_000, using: &random))
                let waiting = due.filter { !running.contains($0.key) }
                let first = waiting.min { ($0.value.instant, $0.value.order) < ($1.value.instant, $1.value.order) }
                switch keys.next(now: now) {
                case .run(let key):
                    #expect(first?.key == key && first.map { $0.value.instant <= now } == true, "seed \(seed)")
                    due[key] = nil
                    running.insert(key)
                case .wait(let until): #expect(first?.value.instant == until, "seed \(seed)")
                case .idle: #expect(first == nil, "seed \(seed)")
                }
            }
        }
    }
}

@Suite struct KeyQueueTests {
    /// A key that is due much later has a timer, which every other key that comes replaces.
    @Test func aTimerThatIsReplacedWakesNobody() async {
        let queue = KeyQueue<String>()
        let (worked, work) = AsyncStream.makeStream(of: String.self)
        queue.add("later", after: .seconds(3_600))
        let running = Task {
            await queue.run(workers: 1) { key in
                work.yield(key)
                return .done
            }
        }
        var iterator = worked.makeAsyncIterator()
        for key in ["a", "b", "c"] {
            queue.add(key)
            #expect(await iterator.next() == key)
        }
        running.cancel()
        await running.value
        // The start, and for each of the three: it came, and it ended.
        #expect(queue.rounds.load(ordering: .relaxed) <= 7)
        #expect(queue.count == 1)
    }

    @Test func worksOnEveryKeyAndNeverTwiceAtOnce() async {
        let queue = KeyQueue<Int>(firstDelay: .milliseconds(1), longestDelay: .milliseconds(2))
        let working = Mutex((now: Set<Int>(), most: 0, tries: [Int: Int]()))
        let (done, isDone) = AsyncStream.makeStream(of: Int.self)
        for key in 0..<50 { queue.add(key, after: key.isMultiple(of: 7) ? .milliseconds(5) : .zero) }
        let run = Task {
            await queue.run(workers: 4) { key in
                let tries = working.withLock { working in
                    #expect(working.now.insert(key).inserted)
                    working.most = max(working.most, working.now.count)
                    working.tries[key, default: 0] += 1
                    return working.tries[key] ?? 0
                }
                queue.add(key)
                await Task.yield()
                _ = working.withLock { $0.now.remove(key) }
                if tries < 3 { return .failed }
                queue.remove(key)
                isDone.yield(key)
                return .done
            }
        }
        var ended: Set<Int> = []
        for await key in done {
            ended.insert(key)
            if ended.count == 50 { break }
        }
        run.cancel()
        await run.value
        #expect(working.withLock { $0.most } <= 4)
        #expect(working.withLock { $0.tries.values.allSatisfy { $0 >= 3 } })
    }

    @Test func aStopWaitsForWhatIsWorkedOn() async {
        let queue = KeyQueue<Int>()
        queue.add(1)
        let (begun, hasBegun) = AsyncStream.makeStream(of: Void.self)
        let hasEnded = Atomic(false)
        let run = Task {
            await queue.run(workers: 1) { _ in
                hasBegun.yield()
                // Cancelled with the queue.
                try? await Task.sleep(for: .seconds(3_600))
                hasEnded.store(true, ordering: .releasing)
                return .done
            }
        }
        for await _ in begun { break }
        run.cancel()
        await run.value
        let isOver = hasEnded.load(ordering: .acquiring)
        #expect(isOver)
        // The queue may be run again.
        queue.add(2)
        let second = Task {
            await queue.run(workers: 1) { key in
                if key == 2 { hasBegun.yield() }
                return .done
            }
        }
        for await _ in begun { break }
        second.cancel()
        await second.value
    }
}
