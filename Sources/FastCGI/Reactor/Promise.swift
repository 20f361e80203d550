import Synchronization

/// A value that is set once and awaited by any number of tasks, whether they are cancelled or not.
final class Promise<Value: Sendable>: Sendable {
    private enum State {
        case awaited([CheckedContinuation<Value, Never>])
        case kept(Value)
    }

    private let state = Mutex(State.awaited([]))

    /// Sets the value, unless there is one.
    func keep(_ value: Value) {
        let waiters = state.withLock { state -> [CheckedContinuation<Value, Never>] in
            guard case .awaited(let waiters) = state else { return [] }
            state = .kept(value)
            return waiters
        }
        for waiter in waiters { waiter.resume(returning: value) }
    }

    /// The value, as soon as it is set.
    var value: Value {
        get async {
            await withCheckedContinuation { continuation in
                let value = state.withLock { state -> Value? in
                    switch state {
                    case .kept(let value):
                        return value
                    case .awaited(let waiters):
                        state = .awaited(waiters + [continuation])
                        return nil
                    }
                }
                if let value { continuation.resume(returning: value) }
            }
        }
    }
}
