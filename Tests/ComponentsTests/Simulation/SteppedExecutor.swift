import Synchronization

/// Runs tasks on the thread that asks for it, one job at a time, in the order in which they became ready: the same
/// program takes the same course every time.
final class SteppedExecutor: TaskExecutor {
    private let jobs = Mutex<(queue: [UnownedJob], next: Int)>(([], 0))

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.queue.append(job) }
    }

    /// Runs whatever can run, until every task waits or has ended.
    func drain() {
        while let job = nextJob() { job.runSynchronously(on: asUnownedTaskExecutor()) }
    }

    /// Begins a task; it runs at the next `drain`.
    func begin(_ operation: @escaping @Sendable () async -> Void) {
        Task(executorPreference: self) { await operation() }
    }

    /// Runs a task to its end, if it waits for nothing that only its caller can bring about; `nil` if it does.
    func finish<Output: Sendable>(_ operation: @escaping @Sendable () async -> Output) -> Output? {
        let output = Outcome<Output>()
        begin { output.value.withLock { [value = await operation()] in $0 = value } }
        drain()
        return output.value.withLock(\.self)
    }

    private func nextJob() -> UnownedJob? {
        jobs.withLock { jobs in
            guard jobs.next < jobs.queue.count else {
                jobs = ([], 0)
                return nil
            }
            defer { jobs.next += 1 }
            return jobs.queue[jobs.next]
        }
    }
}

/// What a task leaves behind.
private final class Outcome<Output: Sendable>: Sendable {
    let value = Mutex<Output?>(nil)
}
