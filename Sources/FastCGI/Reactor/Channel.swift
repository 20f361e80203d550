import CFastCGI
import Glibc
import Synchronization

/// The socket of one connection, which both the reactor and the task that serves it may use.
///
/// Nothing here blocks. Every use of the descriptor is under the lock, so it cannot be closed, and its number given to
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
        /// When the peer last took a byte of a stream.
        var lastSent: ContinuousClock.Instant
        /// The task that waits until nothing is unsent.
        var waiter: CheckedContinuation<Bool, Never>?
    }

    /// What the reactor is to be woken for.
    enum Watch { case reading, room, peer }

    /// Names the connection in the reactor; never used twice.
    let key: UInt64
    private let poller: Poller
    private let state: Mutex<State>

    init(descriptor: CInt, key: UInt64, poller: Poller) {
        self.key = key
        self.poller = poller
        state = Mutex(State(descriptor: descriptor, lastSent: .now))
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

    /// When the peer last took a byte of a stream.
    var lastSent: ContinuousClock.Instant { state.withLock { $0.lastSent } }

    /// Sends bytes behind those that are unsent.
    func send(_ bytes: [UInt8]) -> Sent {
        state.withLock { state in
            if state.unsent.isEmpty { state.unsent = bytes[...] } else { state.unsent += bytes }
            return Self.flush(&state)
        }
    }

    /// Sends a piece of a stream and waits until the peer has taken all of it; false if the connection is closed before.
    ///
    /// The cancellation of the task does not end the wait: who cancels it sees to it that the connection is closed if the
    /// peer takes nothing. To be called by one task at a time.
    func stream(_ piece: [UInt8]) async -> Bool {
        let sent = send(piece)
        noteProgress(sent)
        guard case .partly = sent else { return sent == .all }
        return await withCheckedContinuation { continuation in
            let isSent: Bool? = state.withLock { state in
                guard state.descriptor >= 0 else { return false }
                guard !state.unsent.isEmpty else { return true }
                state.waiter = continuation
                Self.watch(&state, .peer, poller, key)
                return nil
            }
            if let isSent { continuation.resume(returning: isSent) }
        }
    }

    /// Goes on sending what is unsent.
    func flush() -> Sent {
        let (sent, waiter) = state.withLock { state -> (Sent, CheckedContinuation<Bool, Never>?) in
            let sent = Self.flush(&state)
            guard state.waiter != nil, sent == .all || sent == .closed else { return (sent, nil) }
            return (sent, state.waiter.take())
        }
        noteProgress(sent)
        waiter?.resume(returning: sent == .all)
        return sent
    }

    /// Wakes the reactor, once, when there is something to read, or room for what is unsent, or when the peer has closed.
    func watch(_ watch: Watch) { state.withLock { Self.watch(&$0, watch, poller, key) } }

    /// Closes the socket; without effect if it is closed.
    func close() {
        let waiter = state.withLock { state in
            if state.descriptor >= 0 { _ = Glibc.close(state.descriptor) }
            state.descriptor = -1
            state.unsent = []
            return state.waiter.take()
        }
        waiter?.resume(returning: false)
    }

    private func noteProgress(_ sent: Sent) {
        switch sent {
        case .all, .partly(isProgress: true): state.withLock { $0.lastSent = .now }
        case .partly(isProgress: false), .closed: break
        }
    }

    private static func watch(_ state: inout State, _ watch: Watch, _ poller: Poller, _ key: UInt64) {
        guard state.descriptor >= 0 else { return }
        var interest: Poller.Interest =
            switch watch {
            case .reading: [.once, .reading]
            case .room: .once
            case .peer: [.once, .hangup]
            }
        if !state.unsent.isEmpty { interest.insert(.writing) }
        if state.isWatched {
            poller.modify(state.descriptor, interest, key: key)
        } else {
            state.isWatched = poller.add(state.descriptor, interest, key: key)
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
