/// The life of one connection: what happens goes in, what has to be done comes out.
///
/// ```
/// reading ──► serving ──┬──► waiting ──┬──────────────────► writing ──► closed
///                       └──────────────┴──► streaming ──────┘
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
        /// Wait until the peer has closed or, if something is unsent, takes more.
        case watchPeer
        /// Cancel the task, which is to end its wait or its stream.
        case cancelTask
        /// Send the record that tells the web server that the response is incomplete, if the peer takes it; then `close`.
        case breakOff(Ending)
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
        /// No byte of a stream was sent for too long: the responder wrote none, or the peer took none.
        case idleStream
        /// A stream did not end in time after a stop.
        case lateStream
    }

    private enum State {
        /// The request has not ended.
        case reading
        /// A task has the request, and has sent nothing.
        case serving
        /// The same, and the task waits for something that may take long; nobody but the peer wants its response.
        case waiting
        /// The task sends its response piece by piece; after a stop it has to end by that time.
        case streaming(endsBy: Instant?)
        /// The task is over; the peer has not taken all of the response.
        case writing(since: Instant)
        case closed
    }

    private let limits: FastCGILimits
    private var records: RecordGuard
    private var state = State.reading
    private var isStopping = false
    /// When `deadlinePassed` is to be reported; `nil` if nothing is expected of the peer.
    private(set) var deadline: Instant?

    /// A connection that was accepted just now: it is to be read from.
    init(limits: FastCGILimits, now: Instant) {
        self.limits = limits
        records = RecordGuard(limits: limits.records)
        deadline = now + limits.readTimeout
    }

    /// The socket can be read from or written to again; or the peer has closed its side, or the connection is broken.
    mutating func becameReady(isHangup: Bool = false) -> Action {
        switch state {
        case .reading: .read
        case .waiting: isHangup ? peerClosed() : .watchPeer
        case .streaming: isHangup ? peerClosed() : .flush
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
        // Nobody is left for whom it could go on.
        case .waiting, .streaming, .writing: close(.ordinary)
        // The task finds out when it sends; what it does for the client may have an effect all the same.
        case .serving, .closed: .wait
        }
    }

    /// The task is over, and so is the exchange: all of the response is sent, or there is none.
    mutating func taskEnded() -> Action { close(.ordinary) }

    /// The task begins to wait for something that may take long.
    mutating func waitBegan() -> Action {
        guard case .serving = state else { return .wait }
        state = .waiting
        return isStopping ? .cancelTask : .watchPeer
    }

    /// The task begins to send its response piece by piece.
    mutating func streamBegan(now: Instant) -> Action {
        switch state {
        case .serving, .waiting: isStopping ? endStream(now: now) : stream(now: now)
        case .reading, .streaming, .writing, .closed: .wait
        }
    }

    private mutating func stream(now: Instant) -> Action {
        state = .streaming(endsBy: nil)
        deadline = now + limits.streamIdleTimeout
        return .watchPeer
    }

    /// The task is over, and a part of the response is unsent.
    mutating func responseUnsent(now: Instant) -> Action {
        // Closed in the meantime: the task that is over was all that was waited for.
        if case .closed = state { return close(.ordinary) }
        state = .writing(since: now)
        deadline = now + limits.writeTimeout
        return .flush
    }

    /// As much as the peer took at once has been sent.
    mutating func flushed(_ sent: Channel.Sent, now: Instant) -> Action {
        switch (state, sent) {
        case (.writing(let start), .partly(let isProgress)):
            if isProgress { deadline = min(now + limits.writeTimeout, start + limits.totalWriteTimeout) }
            return .waitForRoom
        case (.streaming, .all), (.streaming, .partly): return .watchPeer
        case (.writing, _), (.streaming, .closed): return close(.ordinary)
        case (.reading, _), (.serving, _), (.waiting, _), (.closed, _): return .wait
        }
    }

    /// The deadline has passed; `lastSent` is when the peer last took a byte of a stream.
    mutating func deadlinePassed(now: Instant, lastSent: Instant) -> Action {
        switch state {
        case .streaming(.some): return breakOff(.lateStream)
        case .streaming(nil):
            // Pieces are sent without a word to the reactor, so the deadline is moved only here.
            let end = lastSent + limits.streamIdleTimeout
            guard end > now else { return breakOff(.idleStream) }
            deadline = end
            return .wait
        case .reading:
            if let request = records.timedOutRequest { return serve(request) }
            return close(records.isIdle ? .ordinary : .lateRequest)
        case .writing: return close(.untakenResponse)
        case .serving, .waiting, .closed: return .wait
        }
    }

    /// The service stops gracefully: what has begun is finished; waits and streams are told to end.
    mutating func stop(now: Instant) -> Action {
        guard !isStopping else { return .wait }
        isStopping = true
        switch state {
        case .reading where records.isIdle:
            // The request may have been sent just now.
            deadline = min(deadline ?? now, now + limits.stopGrace)
            return .wait
        case .waiting: return .cancelTask
        case .streaming: return endStream(now: now)
        case .reading, .serving, .writing, .closed: return .wait
        }
    }

    private mutating func endStream(now: Instant) -> Action {
        // As long as the end of a response may take.
        state = .streaming(endsBy: now + limits.writeTimeout)
        deadline = now + limits.writeTimeout
        return .cancelTask
    }

    /// The service ends at once.
    mutating func abort() -> Action {
        if case .streaming = state { breakOff(.lateStream) } else { close(.ordinary) }
    }

    private mutating func serve(_ request: RequestRecords) -> Action {
        state = .serving
        deadline = nil
        // No byte is read any more, and the request is its task's alone.
        records = RecordGuard(limits: limits.records)
        return .serve(request)
    }

    private mutating func breakOff(_ ending: Ending) -> Action {
        state = .closed
        deadline = nil
        return .breakOff(ending)
    }

    private mutating func close(_ ending: Ending) -> Action {
        state = .closed
        deadline = nil
        return .close(ending)
    }
}
