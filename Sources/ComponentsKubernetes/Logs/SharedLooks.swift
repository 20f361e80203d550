import Components
import Synchronization

/// Looks at things that several want to see at about the same time: one that is under way, or began a moment ago, serves the
/// next, too.
final class SharedLooks<Value: Sendable>: Sendable {
    private struct Look {
        let id: Int
        let began: ContinuousClock.Instant
        var isOver = false
        let task: Task<Result<Value, ClusterFailure>, Never>
    }

    private struct State {
        var looks: [String: Look] = [:]
        var nextID = 0
    }

    /// The oldest look that serves anybody.
    private static var longest: Duration { .seconds(5) }

    private let now: @Sendable () -> ContinuousClock.Instant
    private let state = Mutex(State())

    /// No looks yet.
    ///
    /// - Parameter now: tells the time.
    init(now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) { self.now = now }

    /// What a look found that is under way, or began no longer than `age` ago, at most five seconds; where there is none, a look
    /// is made.
    ///
    /// - Parameter age: zero for a look that begins now, whatever others have seen.
    func look(
        _ name: String, noOlderThan age: Duration,
        _ make: @escaping @Sendable () async throws(ClusterFailure) -> Value
    ) async throws(ClusterFailure) -> Value {
        let task = state.withLock { state in
            let now = self.now()
            state.looks = state.looks.filter { !$0.value.isOver || $0.value.began.duration(to: now) < Self.longest }
            if age > .zero, let look = state.looks[name], !look.isOver || look.began.duration(to: now) < age {
                return look.task
            }
            let id = state.nextID
            state.nextID += 1
            // Nobody's own: whoever has begun it may leave.
            let task = Task { () -> Result<Value, ClusterFailure> in
                defer { over(name, id) }
                do throws(ClusterFailure) { return .success(try await make()) } catch { return .failure(error) }
            }
            state.looks[name] = Look(id: id, began: now, task: task)
            return task
        }
        return try await task.value.get()
    }

    private func over(_ name: String, _ id: Int) {
        state.withLock { state in
            if state.looks[name]?.id == id { state.looks[name]?.isOver = true }
        }
    }
}
