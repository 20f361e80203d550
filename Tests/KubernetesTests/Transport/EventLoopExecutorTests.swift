import NIOCore
import NIOPosix
import Testing

@testable import Kubernetes

struct EventLoopExecutorTests {
    private let executor = EventLoopExecutor(MultiThreadedEventLoopGroup.singleton.next())

    /// Whether a task is on the event loop right after it got an answer of that length, and after another wait.
    private func places(afterAnswerOf length: Int) async throws -> [Bool] {
        let eventLoop = executor.eventLoop
        let promise = eventLoop.makePromise(of: Int.self)
        // Two turns of the loop later, so that the task waits by then.
        eventLoop.execute { eventLoop.execute { promise.succeed(length) } }
        _ = try await executor.value(of: promise.futureResult) { $0 }
        let atOnce = eventLoop.inEventLoop
        await Task.yield()
        return [atOnce, eventLoop.inEventLoop]
    }

    @Test func aTaskThatPrefersItGoesOnOnTheEventLoop() async throws {
        let found: [Bool] = try await withTaskExecutorPreference(executor) {
            try await places(afterAnswerOf: EventLoopExecutor.longestAnswer)
        }
        #expect(found == [true, true])
    }

    @Test func whatFollowsALongAnswerIsDoneElsewhereUntilTheNextWait() async throws {
        let found: [Bool] = try await withTaskExecutorPreference(executor) {
            try await places(afterAnswerOf: EventLoopExecutor.longestAnswer + 1)
        }
        #expect(found == [false, true])
    }

    @Test func nobodyElseIsMovedToIt() async throws {
        #expect(try await places(afterAnswerOf: 1) == [false, false])
    }

    @Test func aFailureArrivesAsItIs() async throws {
        let promise = executor.eventLoop.makePromise(of: Int.self)
        promise.fail(CancellationError())
        await #expect(throws: CancellationError.self) { try await executor.value(of: promise.futureResult) { $0 } }
    }
}
