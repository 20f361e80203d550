import CFastCGI
import Glibc
import Synchronization

/// Messages from other threads to the reactor.
final class Mailbox: Sendable {
    enum Message: Sendable {
        /// The exchange on this connection is over, and its channel closed.
        case finished(UInt64)
        /// The task is over, but the peer has not taken all of the response yet.
        case unsent(UInt64)
        /// The task begins to wait for something that may take long.
        case waiting(UInt64)
        /// The task begins to send its response piece by piece.
        case streaming(UInt64)
        /// Take no further connections, finish what is begun, then end.
        case stop
        /// Close everything and end.
        case abort
    }

    private struct State {
        /// An eventfd, -1 once the mailbox is closed.
        var descriptor: CInt
        var messages: [Message] = []
        var isSignalled = false
        var isAlwaysUrgent = false
    }

    private let state: Mutex<State>

    init() throws(FastCGIError) {
        let descriptor = eventfd(0, CInt(EFD_CLOEXEC | EFD_NONBLOCK))
        guard descriptor >= 0 else { throw .system("eventfd", "making an eventfd") }
        state = Mutex(State(descriptor: descriptor))
    }

    deinit { close() }

    /// Leaves a message.
    ///
    /// - Parameter isUrgent: Whether the reactor is woken for it; else it reads it when it next wakes.
    func post(_ message: Message, isUrgent: Bool) {
        state.withLock { state in
            guard state.descriptor >= 0 else { return }
            state.messages.append(message)
            guard isUrgent || state.isAlwaysUrgent, !state.isSignalled else { return }
            state.isSignalled = true
            // Under the lock: once it is closed the number may belong to another file.
            eventfd_write(state.descriptor, 1)
        }
    }

    /// Has the reactor woken for every message from now on.
    func makeEverythingUrgent() { state.withLock { $0.isAlwaysUrgent = true } }

    /// Takes all messages.
    func take() -> [Message] {
        state.withLock { state in
            if state.isSignalled {
                var value: eventfd_t = 0
                eventfd_read(state.descriptor, &value)
                state.isSignalled = false
            }
            defer { state.messages = [] }
            return state.messages
        }
    }

    /// Has the mailbox's descriptor watched.
    func register(with poller: Poller, key: UInt64) {
        state.withLock { state in
            if state.descriptor >= 0 { poller.add(state.descriptor, .reading, key: key) }
        }
    }

    /// Ends it: messages are dropped from now on.
    func close() {
        state.withLock { state in
            if state.descriptor >= 0 { _ = Glibc.close(state.descriptor) }
            state = State(descriptor: -1)
        }
    }
}
