import FastCGI
import HTTPTypes

/// Which thread serves a request; nothing else in the process chooses one.
///
/// There are three: the thread that reads FastCGI's connections, the one on which the cluster's answers arrive, and Swift's
/// own pool. A thread that sleeps takes tens of microseconds to wake, so a request is moved as seldom as possible.
///
/// - Every request begins on the thread that read it. A response that waits for nothing wakes no other thread, and comes
///   even when all others are busy.
/// - What reads (GET and HEAD) goes on where the cluster's answers arrive. It takes a millisecond at most between two waits.
/// - Everything else may read, check and write documents of any length. It goes to Swift's own pool.
struct Threads: Sendable {
    private let answers: any TaskExecutor

    /// The threads of this process; `answers` is the one on which the cluster's answers arrive.
    init(ofAnswers answers: any TaskExecutor) { self.answers = answers }

    /// Starts the task of a request on the thread that calls this; it goes on where the cluster's answers arrive.
    @Sendable func startTask(_ operation: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
        Task.immediate(executorPreference: answers, operation: operation)
    }

    /// What `body` returns, which is run where requests of that method are served.
    func serve<Value: Sendable>(
        _ method: HTTPRequest.Method, _ body: @Sendable () async -> Value
    ) async -> Value {
        switch method {
        case .get, .head: await body()
        default: await withTaskExecutorPreference(globalConcurrentExecutor) { await body() }
        }
    }
}
