import Foundation
import Synchronization

/// Threads for calls that block, at most so many at a time; what is more waits its turn.
///
/// Dispatch's own are no place for them: they are Swift's pool too, and while all of them block, Dispatch adds another one only
/// once a second, whatever waits.
final class BlockingThreads: Sendable {
    private struct State {
        var running = 0
        var waiting: [@Sendable () -> Void] = []
    }

    private let limit: Int
    private let state = Mutex(State())

    /// At most that many threads, which end when nothing waits.
    init(limit: Int) {
        self.limit = limit
    }

    /// Runs the work on one of the threads, in the order of the calls.
    func run(_ work: @escaping @Sendable () -> Void) {
        let needsThread = state.withLock { state in
            state.waiting.append(work)
            guard state.running < limit else { return false }
            state.running += 1
            return true
        }
        guard needsThread else { return }
        Thread.detachNewThread {
            while let next = self.next() { next() }
        }
    }

    private func next() -> (@Sendable () -> Void)? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.running -= 1
                return nil
            }
            return state.waiting.removeFirst()
        }
    }
}
