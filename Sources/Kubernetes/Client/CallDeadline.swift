/// The deadline of calls in the task that set it and in its child tasks.
public enum CallDeadline {
    /// The deadline in force, if one was set.
    @TaskLocal public static var current: ContinuousClock.Instant?

    /// The deadline of a call that begins now: a leader's calls end with its lead.
    static var effective: ContinuousClock.Instant? {
        guard let leadership = Leadership.current else { return current }
        let end = leadership.deadline ?? .now
        return current.map { min($0, end) } ?? end
    }

    /// Lets every call within `body` end within that time, all of them together.
    ///
    /// A deadline is only ever brought forward: an earlier one, and the client's own limit for each call, still hold. It
    /// cancels nothing else.
    public static func within<Success, Failure: Error>(
        _ duration: Duration, isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws(Failure) -> Success
    ) async throws(Failure) -> Success {
        try await at(ContinuousClock.now + duration, body)
    }

    /// Lets every call within `body` end before that moment.
    public static func at<Success, Failure: Error>(
        _ instant: ContinuousClock.Instant, isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws(Failure) -> Success
    ) async throws(Failure) -> Success {
        // The error passes the task-local's scope as a value, because that scope does not keep its type.
        let result: Result<Success, Failure> = await $current.withValue(current.map { min($0, instant) } ?? instant) {
            do throws(Failure) { return .success(try await body()) } catch { return .failure(error) }
        }
        return try result.get()
    }

    /// Runs `operation` and cancels it at `deadline`; waits for its end either way.
    /// - Returns: what it returned, and whether the deadline had passed before.
    static func race<Result: Sendable>(
        until deadline: ContinuousClock.Instant, _ operation: @escaping @Sendable () async -> Result
    ) async -> (result: Result, isLate: Bool) {
        await withTaskGroup(of: Result?.self) { group in
            group.addTask { await operation() }
            group.addTask {
                // Sleeps until the deadline; cancelled as soon as the operation has ended.
                try? await Task.sleep(until: deadline, clock: .continuous)
                return nil
            }
            var isLate = false
            while let ended = await group.next() {
                group.cancelAll()
                if let result = ended { return (result, isLate) }
                isLate = !Task.isCancelled
            }
            preconditionFailure("a task group ends after all its tasks")
        }
    }
}
