import Components
import Synchronization
import Testing

@testable import ComponentsKubernetes

/// Which looks serve whom.
final class SharedLooksTests: Sendable {
    private let looks: SharedLooks<Int>
    private let time = TestTime()
    private let made = Mutex(0)
    private let begun = AsyncStream.makeStream(of: Void.self)
    private let script = AsyncStream.makeStream(of: Void.self)

    /// A time that the test sets.
    private final class TestTime: Sendable {
        private let instant = Mutex(ContinuousClock.now)

        func now() -> ContinuousClock.Instant { instant.withLock(\.self) }

        func advance(by duration: Duration) { instant.withLock { $0 = $0.advanced(by: duration) } }
    }

    init() {
        looks = SharedLooks(now: { [time] in time.now() })
    }

    /// Looks; a look that is really made waits for the test, and finds its number.
    private func look(noOlderThan age: Duration) -> Task<Int, any Error> {
        Task { [self] in
            try await looks.look("a", noOlderThan: age) { () async throws(ClusterFailure) in await self.number() }
        }
    }

    private func number() async -> Int {
        let number = made.withLock { made in
            made += 1
            return made
        }
        begun.continuation.yield()
        for await _ in script.stream { break }
        return number
    }

    private func begins() async { for await _ in begun.stream { return } }

    @Test func aLookThatIsUnderWayServesAllButWhoWantsANewOne() async throws {
        let first = look(noOlderThan: .seconds(4))
        await begins()
        let others = (0..<10).map { _ in look(noOlderThan: .seconds(4)) }
        let fresh = look(noOlderThan: .zero)
        await begins()
        for _ in 0..<2 { script.continuation.yield() }
        #expect(try await first.value == 1)
        for other in others { #expect([1, 2].contains(try await other.value)) }
        #expect(try await fresh.value == 2)
        #expect(made.withLock { $0 } == 2)
    }

    @Test func aLookThatIsOverServesForAMomentAndOnlyThoseWhoseNameItHas() async throws {
        script.continuation.yield()
        #expect(try await look(noOlderThan: .seconds(4)).value == 1)
        time.advance(by: .seconds(3.999))
        #expect(try await look(noOlderThan: .seconds(4)).value == 1)
        script.continuation.yield()
        #expect(try await look(noOlderThan: .zero).value == 2)
        script.continuation.yield()
        time.advance(by: .seconds(4))
        #expect(try await look(noOlderThan: .seconds(4)).value == 3)
        script.continuation.yield()
        let other = try await looks.look("b", noOlderThan: .seconds(4)) { () async throws(ClusterFailure) in
            await self.number()
        }
        #expect(other == 4)
    }

    @Test func aFailureIsShared() async {
        let failing = SharedLooks<Int>(now: { [time] in time.now() })
        for _ in 0..<2 {
            await #expect(throws: ClusterFailure.conflict) {
                try await failing.look("a", noOlderThan: .seconds(4)) { () async throws(ClusterFailure) in
                    self.made.withLock { $0 += 1 }
                    throw .conflict
                }
            }
        }
        #expect(made.withLock { $0 } == 1)
    }
}
