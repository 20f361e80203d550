/// The life of one connection: what happens goes in, what has to be done comes out.
///
/// ```
/// reading ──► serving ──► writing ──► closed
/// ```
///
/// A value without a socket, a task or a clock, like `RecordGuard`, which it has in it for the time of reading. The
/// reactor reports each event to it and performs the action that it returns. Any state can go to `closed`, and from
/// there nothing leads away.
struct ConnectionStateMachine {
    typealias Instant = ContinuousClock.Instant

    /// What the reactor has to do.
    enum Action: Equatable {
        /// Nothing: the next event comes by itself.
        case wait
        /// Read, and report what came with `received`; if nothing came, wait for it.
        case read
        /// Send these bytes, then report the rest of the same input.
        case reply([UInt8])
        /// Begin a task that serves this request; its end is reported with `taskEnded` or `responseUnsent`.
        case serve(RequestRecords)
        /// Send what is unsent, and report with `flushed` what came of it.
        case flush
        /// Wait until the peer takes more.
        case waitForRoom
        /// Close the socket, and cancel the task if there is one; the connection is to be forgotten when there is none.
        case close(Ending)
    }

    /// Why a connection is closed.
    enum Ending: Equatable {
        /// Nothing is to be said of it: the exchange is over, or it never began.
        case ordinary
        /// The peer broke a rule of the protocol.
        case fault(RecordFault)
        /// The peer closed before its request had ended.
        case cutRequest
        /// The request did not end in time.
        case lateRequest
        /// The peer did not take the response in time.
        case untakenResponse
    }

    private enum State {
        /// The request has not ended.
        case reading
        /// A task has the request.
        case serving
        /// The task is over; the peer has not taken all of the response.
        case writing(since: Instant)
        case closed
    }

    private let limits: FastCGILimits
    private var records: RecordGuard
    private var state = State.reading
    /// When `deadlinePassed` is to be reported; `nil` if nothing is expected of the peer.
    private(set) var deadline: Instant?

    /// A connection that was accepted just now: it is to be read from.
    init(limits: FastCGILimits, now: Instant) {
        self.limits = limits
        records = RecordGuard(limits: limits.records)
        deadline = now + limits.readTimeout
    }

    /// The socket can be read from or written to again.
    mutating func becameReady() -> Action {
        switch state {
        case .reading: .read
        case .writing: .flush
        case .serving, .closed: .wait
        }
    }

    /// Bytes have come; those that belong to the request are taken from the front of `input`.
    mutating func received(_ input: inout ArraySlice<UInt8>) -> Action {
        guard case .reading = state else { return .wait }
        switch records.consume(&input) {
        case .read: return .read
        case .reply(let bytes): return .reply(bytes)
        case .request(let request): return serve(request)
        case .close(let fault): return close(.fault(fault))
        }
    }

    /// The peer has closed the connection, or it is broken.
    mutating func peerClosed() -> Action {
        switch state {
        case .reading: close(records.isIdle ? .ordinary : .cutRequest)
        case .writing: close(.ordinary)
        // The task finds out when it sends; what it does for the client may have an effect all the same.
        case .serving, .closed: .wait
        }
    }

    /// The task is over, and so is the exchange: all of the response is sent, or there is none.
    mutating func taskEnded() -> Action { close(.ordinary) }

    /// The task is over, and a part of the response is unsent.
    mutating func responseUnsent(now: Instant) -> Action {
        // Closed in the meantime: the task that is over was all that was waited for.
        guard case .serving = state else { return close(.ordinary) }
        state = .writing(since: now)
        deadline = now + limits.writeTimeout
        return .flush
    }

    /// As much as the peer took at once has been sent.
    mutating func flushed(_ sent: Channel.Sent, now: Instant) -> Action {
        guard case .writing(let start) = state else { return .wait }
        guard case .partly(let isProgress) = sent else { return close(.ordinary) }
        if isProgress { deadline = min(now + limits.writeTimeout, start + limits.totalWriteTimeout) }
        return .waitForRoom
    }

    /// The deadline has passed.
    mutating func deadlinePassed() -> Action {
        switch state {
        case .reading:
            if let request = records.timedOutRequest { return serve(request) }
            return close(records.isIdle ? .ordinary : .lateRequest)
        case .writing: return close(.untakenResponse)
        case .serving, .closed: return .wait
        }
    }

    /// The service stops gracefully: what has begun is finished.
    mutating func stop(now: Instant) -> Action {
        if case .reading = state, records.isIdle {
            // The request may have been sent just now.
            deadline = min(deadline ?? now, now + limits.stopGrace)
        }
        return .wait
    }

    /// The service ends at once.
    mutating func abort() -> Action { close(.ordinary) }

    private mutating func serve(_ request: RequestRecords) -> Action {
        state = .serving
        deadline = nil
        return .serve(request)
    }

    private mutating func close(_ ending: Ending) -> Action {
        state = .closed
        deadline = nil
        return .close(ending)
    }
}
