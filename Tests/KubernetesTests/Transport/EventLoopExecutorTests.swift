import NIOCore
import NIOPosix
import Testing

@testable import Kubernetes

struct EventLoopExecutorTests {
    private let executor = EventLoopExecutor(MultiThreadedEventLoopGroup.singleton.next())

    /// Whether a task is on the event loop right after it got a response of that length, and whether a child is that it
    /// begins then.
    private func places(afterResponseOf length: Int) async throws -> [Bool] {
        let eventLoop = executor.eventLoop
        let promise = eventLoop.makePromise(of: Int.self)
        // Two turns of the loop later, so that the task waits by then.
        eventLoop.execute { eventLoop.execute { promise.succeed(length) } }
        _ = try await executor.value(of: promise.futureResult) { $0 }
        let itself = eventLoop.inEventLoop
        async let child = eventLoop.inEventLoop
        return [itself, await child]
    }

    @Test func aTaskThatPrefersItGoesOnOnTheEventLoop() async throws {
        let found: [Bool] = try await withTaskExecutorPreference(executor) {
            try await places(afterResponseOf: EventLoopExecutor.longestResponse)
        }
        #expect(found == [true, true])
    }

    @Test func whatFollowsALongResponseIsDoneElsewhereButNotForGood() async throws {
        let found: [Bool] = try await withTaskExecutorPreference(executor) {
            try await places(afterResponseOf: EventLoopExecutor.longestResponse + 1)
        }
        #expect(found == [false, true])
    }

    @Test func nobodyElseIsMovedToIt() async throws {
        #expect(try await places(afterResponseOf: 1) == [false, false])
    }

    @Test func aFailureArrivesAsItIs() async throws {
        let promise = executor.eventLoop.makePromise(of: Int.self)
        promise.fail(CancellationError())
        await #expect(throws: CancellationError.self) { try await executor.value(of: promise.futureResult) { $0 } }
    }
}
