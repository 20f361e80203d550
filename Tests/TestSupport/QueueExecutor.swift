import Dispatch

/// A task executor of one queue, by which it can be seen who is on it.
public final class QueueExecutor: TaskExecutor {
    private static let key = DispatchSpecificKey<Bool>()
    private let queue = DispatchQueue(label: "executor")

    /// An executor with nothing to do.
    public init() { queue.setSpecific(key: Self.key, value: true) }

    /// Whether the caller runs on such an executor.
    public static var isCurrent: Bool { DispatchQueue.getSpecific(key: key) ?? false }

    /// Runs a job behind those that are there.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
