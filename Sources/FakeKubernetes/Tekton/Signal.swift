import Synchronization

/// An optional value that tasks can wait for.
final class Signal<Value: Sendable>: Sendable {
    private struct State {
        var value: Value?
        var waiters: [Int: CheckedContinuation<Value?, Never>] = [:]
        var nextWaiter = 0
        /// Those that were cancelled before they began to wait.
        var cancelled: Set<Int> = []
    }

    private let state: Mutex<State>

    init(_ value: Value? = nil) { state = Mutex(State(value: value)) }

    var value: Value? { state.withLock(\.value) }

    /// Sets the value, which resumes all waiting tasks, or removes it.
    func set(_ value: Value?) {
        let waiters = state.withLock { state in
            state.value = value
            guard value != nil else { return [CheckedContinuation<Value?, Never>]() }
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume(returning: value) }
    }

    /// The value as soon as it is set; `nil` if the task is cancelled before.
    func wait() async -> Value? {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        defer { state.withLock { _ = $0.cancelled.remove(id) } }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (isSettled, value): (Bool, Value?) = state.withLock { state in
                    if let value = state.value { return (true, value) }
                    if state.cancelled.contains(id) { return (true, nil) }
                    state.waiters[id] = continuation
                    return (false, nil)
                }
                if isSettled { continuation.resume(returning: value) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                let waiter = state.waiters.removeValue(forKey: id)
                if waiter == nil { state.cancelled.insert(id) }
                return waiter
            }
            waiter?.resume(returning: nil)
        }
    }
}
