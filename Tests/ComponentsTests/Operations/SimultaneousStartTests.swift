import Synchronization
import Testing

@testable import Components

struct SimultaneousStartTests {
    /// Lets nobody on before so many have come.
    private final class Barrier: Sendable {
        private let awaited: Int
        private let waiting = Mutex<[CheckedContinuation<Void, Never>]>([])

        init(of awaited: Int) { self.awaited = awaited }

        func pass() async {
            await withCheckedContinuation { continuation in
                let all = waiting.withLock { waiting in
                    waiting.append(continuation)
                    return waiting.count == awaited ? waiting : []
                }
                for one in all { one.resume() }
            }
        }
    }

    /// Were a build started only when the one before it is, none of these would ever come to its end.
    @Test(.timeLimit(.minutes(1)), arguments: [2, 50, 100])
    func noBuildWaitsForAnother(_ count: Int) async throws {
        let fixture = try await ServiceFixture(components: (0..<count).map { "component-\($0)" })
        let barrier = Barrier(of: count)
        let service = fixture.service { call in
            if case .start = call { await barrier.pass() }
            return nil
        }
        let started = try await service.deploy(fixture.tool)
        #expect(started.deployment.builds.count == count)
        #expect(await fixture.world.runs.count == count)
        #expect(await fixture.world.violations.isEmpty)
    }

    /// The unfinished builds of a deployment that has to make room are cancelled at the same time, too.
    @Test(.timeLimit(.minutes(1))) func noCancellationWaitsForAnother() async throws {
        let fixture = try await ServiceFixture(components: (0..<20).map { "component-\($0)" })
        _ = try await fixture.service(retained: 1).deploy(fixture.tool)
        let barrier = Barrier(of: 20)
        let service = fixture.service(process: 1, retained: 1) { call in
            if case .cancel = call { await barrier.pass() }
            return nil
        }
        _ = try await service.deploy(fixture.tool)
        #expect(await fixture.world.records.count == 1)
        #expect(await fixture.world.runs.values.count(where: \.isCancelled) == 20)
    }
}
