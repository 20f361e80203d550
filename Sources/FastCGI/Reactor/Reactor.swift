import Glibc
import Logging

/// The event loop: waits for the sockets, reports to each connection's state machine what has happened, and performs what
/// it returns.
///
/// Everything in it belongs to one thread, which waits in epoll and nowhere else. What other threads may touch is in
/// `Channel` and `Mailbox`.
final class Reactor {
    /// One connection, as the reactor knows it.
    final class Connection {
        let channel: Channel
        var machine: ConnectionStateMachine
        /// The task that serves its request, until it is known to be over.
        var task: Task<Void, Never>?
        /// Whether it counts as an exchange in flight: waits and streams do not, which may last for hours and do nothing.
        var isInFlight = false

        init(channel: Channel, machine: ConnectionStateMachine) {
            self.channel = channel
            self.machine = machine
        }
    }

    static let listenerKey: UInt64 = 0
    static let mailboxKey: UInt64 = 1

    let limits: FastCGILimits
    let allowedUserIDs: Set<UInt32>
    let logger: Logger
    let poller: Poller
    let mailbox: Mailbox
    let dispatcher: Dispatcher

    var listener: ListeningSocket
    var isListening = false
    /// When to listen again after the system had no descriptor left.
    var resumption: ContinuousClock.Instant?
    var connections: [UInt64: Connection] = [:]
    var lastKey = mailboxKey
    var inFlight = 0
    var isStopping = false
    /// Why the loop must end although it was not stopped.
    var failure: FastCGIError?
    var now = ContinuousClock.now
    var nextSweep = ContinuousClock.now
    private var buffer = [UInt8](repeating: 0, count: 65_536)

    init(
        listener: ListeningSocket, allowedUserIDs: Set<UInt32>, limits: FastCGILimits, logger: Logger, poller: Poller,
        mailbox: Mailbox, dispatcher: Dispatcher
    ) {
        self.listener = listener
        self.allowedUserIDs = allowedUserIDs
        self.limits = limits
        self.logger = logger
        self.poller = poller
        self.mailbox = mailbox
        self.dispatcher = dispatcher
    }

    /// Runs until it is stopped, or cannot go on, and every task that it began is over; then every descriptor is closed.
    func run() -> FastCGIError? {
        mailbox.register(with: poller, key: Self.mailboxKey)
        listen()
        var events: [Poller.Event] = []
        while !(isStopping && connections.isEmpty) {
            poller.wait(&events, timeout: timeout)
            now = .now
            readMail()
            for event in events {
                handle(event)
                // An exchange that ended right here is over now, not in the next round.
                readMail()
            }
            sweepIfDue()
            readMail()
        }
        stopListening()
        mailbox.close()
        poller.close()
        // Here, not when the last reference to them goes, which is some time after the end of this was reported.
        dispatcher.files.close()
        return failure
    }

    /// Does what other threads, and responses given on this one, have left in the mailbox.
    func readMail() {
        for message in mailbox.take() { handle(message) }
    }

    private func handle(_ message: Mailbox.Message) {
        switch message {
        case .finished(let key):
            endTask(of: key) { $0.taskEnded() }
        case .unsent(let key):
            endTask(of: key) { $0.responseUnsent(now: now) }
        case .waiting(let key):
            guard let connection = connections[key] else { return }
            leaveFlight(connection)
            perform(connection.machine.waitBegan(), on: connection)
        case .streaming(let key):
            guard let connection = connections[key] else { return }
            leaveFlight(connection)
            perform(connection.machine.streamBegan(now: now), on: connection)
        case .stop:
            stop()
        case .abort:
            abort()
        }
    }

    private func endTask(of key: UInt64, _ event: (inout ConnectionStateMachine) -> ConnectionStateMachine.Action) {
        guard let connection = connections[key] else { return }
        leaveFlight(connection)
        connection.task = nil
        perform(event(&connection.machine), on: connection)
    }

    private func leaveFlight(_ connection: Connection) {
        if connection.isInFlight { inFlight -= 1 }
        connection.isInFlight = false
    }

    private func handle(_ event: Poller.Event) {
        switch event.key {
        case Self.listenerKey: accept()
        case Self.mailboxKey: break
        default:
            // One that was closed by an earlier event of the same round is not there any more.
            guard let connection = connections[event.key] else { return }
            let action = connection.machine.becameReady(isHangup: event.isHangup)
            // A reply may be unsent.
            if action == .read { _ = connection.channel.flush() }
            perform(action, on: connection)
        }
    }

    /// Does what a connection's state machine asks for.
    func perform(_ action: ConnectionStateMachine.Action, on connection: Connection) {
        switch action {
        case .wait, .reply: break
        case .read: read(connection)
        case .serve(let records): serve(records, on: connection)
        case .flush: perform(connection.machine.flushed(connection.channel.flush(), now: now), on: connection)
        case .waitForRoom: connection.channel.watch(.room)
        case .watchPeer: connection.channel.watch(.peer)
        case .cancelTask:
            connection.task?.cancel()
            connection.channel.watch(.peer)
        case .breakOff(let ending):
            _ = connection.channel.send(.brokenOff)
            close(connection, ending)
        case .close(let ending): close(connection, ending)
        }
    }

    /// Reads what has come on a connection, but not for ever: others wait.
    private func read(_ connection: Connection) {
        for _ in 0..<8 {
            switch connection.channel.receive(into: &buffer) {
            case .bytes(let count):
                let action = take(buffer[..<count], on: connection)
                guard case .read = action else { return perform(action, on: connection) }
            case .none:
                return connection.channel.watch(.reading)
            case .end:
                return perform(connection.machine.peerClosed(), on: connection)
            }
        }
        connection.channel.watch(.reading)
    }

    /// Hands bytes to a connection's state machine and sends its replies; the action that remains.
    private func take(_ bytes: ArraySlice<UInt8>, on connection: Connection) -> ConnectionStateMachine.Action {
        var input = bytes
        while true {
            let action = connection.machine.received(&input)
            guard case .reply(let bytes) = action else { return action }
            if connection.channel.send(bytes) == .closed { return connection.machine.peerClosed() }
        }
    }

    private func serve(_ records: RequestRecords, on connection: Connection) {
        inFlight += 1
        connection.isInFlight = true
        connection.task = dispatcher.begin(
            Delivery(
                exchange: HeldExchange(records, files: dispatcher.files),
                isOverloaded: inFlight > limits.maximumInFlight, channel: connection.channel, mailbox: mailbox))
    }

    private func close(_ connection: Connection, _ ending: ConnectionStateMachine.Ending) {
        connection.channel.close()
        switch ending {
        case .ordinary: break
        case .fault(let fault):
            logger.notice("connection refused: broken protocol", metadata: ["reason": "\(fault.rawValue)"])
        case .cutRequest: logger.debug("connection closed by the peer within a request")
        case .lateRequest: logger.notice("connection closed: the request did not end in time")
        case .untakenResponse: logger.notice("connection closed: the peer did not take its response in time")
        case .idleStream: logger.notice("stream broken off: no byte of it was sent for too long")
        case .lateStream: logger.notice("stream broken off: it did not end in time after the stop")
        }
        // A connection whose task goes on stays known, so that the loop ends only when no task is left.
        if let task = connection.task { task.cancel() } else { connections[connection.channel.key] = nil }
    }

    /// Until when nothing happens by itself.
    private var timeout: Duration? {
        let sweep = connections.isEmpty ? nil : nextSweep
        guard let next = [sweep, resumption].compactMap({ $0 }).min() else { return nil }
        return ContinuousClock.now.duration(to: next)
    }

    /// Reports every deadline that has passed.
    ///
    /// All connections are gone through, a few times a second at most: with some thousand of them that is cheaper than to
    /// keep them in order for every request.
    private func sweepIfDue() {
        if let resumption, resumption <= now { listen() }
        guard nextSweep <= now else { return }
        let interval =
            isStopping
            ? min(limits.sweepInterval, max(.milliseconds(10), limits.stopGrace / 10)) : limits.sweepInterval
        nextSweep = now + interval
        for connection in connections.values {
            guard let deadline = connection.machine.deadline, deadline <= now else { continue }
            let action = connection.machine.deadlinePassed(now: now, lastSent: connection.channel.lastSent)
            perform(action, on: connection)
        }
    }
}
