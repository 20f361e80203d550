import CFastCGI
import Glibc
import Synchronization

/// The socket of one connection, which both the reactor and the task that answers may use.
///
/// Nothing here waits. Every use of the descriptor is under the lock, so it cannot be closed, and its number given to
/// another connection, between the decision to use it and its use.
final class Channel: Sendable {
    enum Received: Equatable {
        case bytes(Int)
        /// Nothing has come; wait.
        case none
        /// The peer has closed, or the connection is broken.
        case end
    }

    enum Sent: Equatable {
        /// The system took every byte.
        case all
        /// Some are left, kept here; `flush` goes on when the peer reads.
        case partly(isProgress: Bool)
        /// The connection is closed or broken.
        case closed
    }

    private struct State {
        /// -1 once it is closed.
        var descriptor: CInt
        var isWatched = false
        var unsent: ArraySlice<UInt8> = []
    }

    /// Names the connection in the reactor's books; never used twice.
    let key: UInt64
    private let poller: Poller
    private let state: Mutex<State>

    init(descriptor: CInt, key: UInt64, poller: Poller) {
        self.key = key
        self.poller = poller
        state = Mutex(State(descriptor: descriptor))
    }

    deinit { close() }

    /// Reads what has come, at most as much as `buffer` holds.
    func receive(into buffer: inout [UInt8]) -> Received {
        state.withLock { state in
            guard state.descriptor >= 0 else { return .end }
            let count = recv(state.descriptor, &buffer, buffer.count, CInt(MSG_DONTWAIT))
            if count > 0 { return .bytes(count) }
            return count < 0 && (errno == EAGAIN || errno == EINTR) ? .none : .end
        }
    }

    /// Sends bytes behind those that are unsent.
    func send(_ bytes: [UInt8]) -> Sent {
        state.withLock { state in
            if state.unsent.isEmpty { state.unsent = bytes[...] } else { state.unsent += bytes }
            return Self.flush(&state)
        }
    }

    /// Goes on sending what is unsent.
    func flush() -> Sent { state.withLock { Self.flush(&$0) } }

    /// Has the reactor told, once, when there is something to read, or room for what is unsent.
    func watch(reading: Bool) {
        state.withLock { state in
            guard state.descriptor >= 0 else { return }
            var interest: Poller.Interest = reading ? [.once, .reading] : .once
            if !state.unsent.isEmpty { interest.insert(.writing) }
            if state.isWatched {
                poller.modify(state.descriptor, interest, key: key)
            } else {
                state.isWatched = poller.add(state.descriptor, interest, key: key)
            }
        }
    }

    /// Closes the socket; without effect if it is closed.
    func close() {
        state.withLock { state in
            if state.descriptor >= 0 { _ = Glibc.close(state.descriptor) }
            state = State(descriptor: -1)
        }
    }

    private static func flush(_ state: inout State) -> Sent {
        guard state.descriptor >= 0 else { return .closed }
        var isProgress = false
        while !state.unsent.isEmpty {
            let count = state.unsent.withUnsafeBytes {
                Glibc.send(state.descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL | MSG_DONTWAIT))
            }
            if count > 0 {
                isProgress = true
                state.unsent = state.unsent.dropFirst(count)
            } else if errno == EAGAIN {
                return .partly(isProgress: isProgress)
            } else if errno != EINTR {
                return .closed
            }
        }
        state.unsent = []
        return .all
    }
}
