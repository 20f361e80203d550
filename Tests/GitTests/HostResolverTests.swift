import Dispatch
import Synchronization
import Testing

@testable import Git

/// Look-ups of hosts, which block.
struct HostResolverTests {
    @Test func aLookUpThatNobodyWaitsForIsNotMade() async {
        let names = Mutex<[String]>([])
        let release = DispatchSemaphore(value: 0)
        let (begun, signal) = AsyncStream.makeStream(of: Void.self)
        let resolver = HostResolver(on: BlockingThreads(limit: 1)) { name in
            names.withLock { $0.append(name) }
            if name == "slow" {
                signal.yield()
                release.wait()
            }
            return []
        }
        let slow = Task { await resolver.addresses("slow") }
        for await _ in begun { break }
        let cancelled = Task { await resolver.addresses("cancelled") }
        cancelled.cancel()
        #expect(await cancelled.value.isEmpty)
        let last = Task { await resolver.addresses("last") }
        release.signal()
        _ = await (slow.value, last.value)
        #expect(names.withLock { $0 } == ["slow", "last"])
    }

    @Test func noMoreThreadsBlockThanMayAndAllWorkIsDone() async {
        let counts = Mutex((running: 0, most: 0, done: 0))
        let resolver = HostResolver(on: BlockingThreads(limit: 4)) { _ in
            counts.withLock { counts in
                counts.running += 1
                counts.most = max(counts.most, counts.running)
            }
            counts.withLock { counts in
                counts.running -= 1
                counts.done += 1
            }
            return []
        }
        await withTaskGroup { group in
            for name in 0..<200 { group.addTask { _ = await resolver.addresses("\(name)") } }
        }
        #expect(counts.withLock { $0.done } == 200)
        #expect((1...4).contains(counts.withLock { $0.most }))
    }
}
