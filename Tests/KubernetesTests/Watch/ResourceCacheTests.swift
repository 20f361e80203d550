import Testing

@testable import Kubernetes

@Suite struct ResourceCacheTests {
    private let a = ObjectKey(namespace: "n", name: "a")
    private let b = ObjectKey(namespace: "n", name: "b")
    private let broken = Result<Int, KubernetesError>.failure(KubernetesError(.invalidResponse, "no"))

    @Test func isReplacedWholeByAReset() {
        var contents = CacheContents<Int>()
        let now = ContinuousClock.now
        #expect(!contents.state.isComplete && !contents.state.isLive && contents.state.lastContact == nil)
        #expect(contents.apply(.reset([a: .success(1)]), now: now) == [a])
        #expect(contents.state.isComplete && !contents.state.isLive)
        #expect(contents.apply(.reset([b: broken]), now: now + .seconds(1)) == [a, b])
        #expect(Array(contents.objects.keys) == [b])
        #expect(contents.state.resets == 2)
        #expect(contents.state.lastContact == now + .seconds(1))
    }

    @Test func saysWhetherItIsLive() {
        var contents = CacheContents<Int>()
        #expect(contents.apply(.live, now: .now).isEmpty)
        #expect(contents.state.isLive)
        #expect(contents.apply(.interrupted(KubernetesError(.connection, "x")), now: .now).isEmpty)
        #expect(!contents.state.isLive)
        #expect(contents.state.failure?.code == .connection)
        #expect(contents.apply(.live, now: .now).isEmpty)
        #expect(contents.state.failure == nil)
    }

    @Test func readersGetWhatTheWatchSaysAndEveryKeyThatChanged() async {
        let cache = ResourceCache<Int>()
        let (events, source) = AsyncStream.makeStream(of: WatchEvent<Int>.self)
        var changes = cache.changes().makeAsyncIterator()
        var ofB = cache.changes(of: b).makeAsyncIterator()
        async let following: Void = cache.follow(events)
        source.yield(.reset([a: .success(1)]))
        #expect(await changes.next() == [a])
        source.yield(.applied(b, .success(2)))
        #expect(await changes.next() == [b])
        #expect(await ofB.next() == [b])
        #expect(cache.get(a) == 1)
        source.yield(.applied(b, broken))
        source.yield(.deleted(a, .success(1)))
        source.finish()
        await following
        #expect(cache.get(b) == nil)
        #expect(cache.all.count == 1)
        // What came while nobody read is collected, each key once.
        #expect(await changes.next() == [a, b])
        #expect(await ofB.next() == [b])
        #expect(!cache.state.isLive)
    }

    @Test func aReaderThatIsCancelledEndsAndIsForgotten() async {
        let cache = ResourceCache<Int>()
        let reader = Task { for await _ in cache.changes() {} }
        reader.cancel()
        await reader.value
    }
}
