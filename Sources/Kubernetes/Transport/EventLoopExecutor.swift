import Dispatch
import NIOCore
import Synchronization

/// Lets tasks go on where the cluster's responses arrive: on the event loop of the connections (SE-0417).
///
/// A thread that sleeps takes tens of microseconds to wake, most of all on a virtual machine, and a request that makes one
/// call would otherwise wake two more for it: the pool's when the response is there, and the event loop's for the next call.
/// The loop is one thread, so what takes long must not be done on it: what follows a long response goes to the pool, until
/// the task next waits.
final class EventLoopExecutor: TaskExecutor {
    /// The longest response, in bytes, whose reader goes on on the event loop: to read it and write another one from it takes
    /// a millisecond at most.
    static let longestResponse = 16_384

    let eventLoop: any EventLoop
    /// Set while a task is resumed that has something long to do; on the event loop only.
    private let resumesElsewhere = Atomic(false)

    init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    func enqueue(_ job: consuming ExecutorJob) {
        // The closures that carry it elsewhere can be called more than once as far as their types say; they are not.
        let job = UnownedJob(job)
        if eventLoop.inEventLoop, resumesElsewhere.load(ordering: .relaxed) {
            DispatchQueue.global().async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
        } else {
            eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
        }
    }

    /// The result of a future of this event loop; `length` says how long what it brought is, in bytes.
    ///
    /// Whoever does not prefer this executor gets it all the same, on its own.
    func value<Value: Sendable>(
        of future: EventLoopFuture<Value>, length: @escaping @Sendable (Value) -> Int
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            future.hop(to: eventLoop).whenComplete { result in
                let isLong = (try? result.get()).map(length).map { $0 > Self.longestResponse } ?? false
                self.resumesElsewhere.store(isLong, ordering: .relaxed)
                continuation.resume(with: result)
                self.resumesElsewhere.store(false, ordering: .relaxed)
            }
        }
    }
}
