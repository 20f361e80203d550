import Glibc
import Logging

/// The event loop: accepts connections, reads requests, begins to answer them, sends what peers were slow to take, and
/// ends it all.
///
/// Everything in it belongs to one thread, which waits in epoll and nowhere else. What other threads may touch is in
/// `Channel` and `Mailbox`.
final class Reactor {
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
    /// Why the loop must end although nobody asked for it.
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
        var keys: [UInt64] = []
        while !(isStopping && connections.isEmpty) {
            poller.wait(&keys, timeout: timeout)
            now = .now
            readMail()
            for key in keys {
                handle(key)
                // What was answered right here is over now, not in the next round.
                readMail()
            }
            sweepIfDue()
            readMail()
        }
        stopListening()
        mailbox.close()
        poller.close()
        // Here, not when the last reference to them goes, which is some time after who waits for this has been told.
        dispatcher.files.close()
        return failure
    }

    /// Does what other threads, and answers given on this one, have left in the mailbox.
    func readMail() {
        for message in mailbox.take() { handle(message) }
    }

    private func handle(_ message: Mailbox.Message) {
        switch message {
        case .finished(let key):
            inFlight -= 1
            connections[key] = nil
        case .unsent(let key):
            inFlight -= 1
            guard let connection = connections[key] else { return }
            connection.task = nil
            connection.phase = .writing(since: now)
            connection.deadline = now + limits.writeTimeout
            write(connection)
        case .stop:
            stop()
        case .abort:
            abort()
        }
    }

    private func handle(_ key: UInt64) {
        switch key {
        case Self.listenerKey: accept()
        case Self.mailboxKey: break
        default:
            // One that was closed by an earlier event of the same round is not there any more.
            guard let connection = connections[key] else { return }
            switch connection.phase {
            case .reading:
                if connection.channel.flush() == .closed { close(connection) } else { read(connection) }
            case .writing: write(connection)
            case .serving: break
            }
        }
    }

    /// Reads what has come on a connection, but not for ever: others wait.
    func read(_ connection: Connection) {
        for _ in 0..<8 {
            switch connection.channel.receive(into: &buffer) {
            case .bytes(let count):
                guard take(buffer[..<count], on: connection) else { return }
            case .none:
                connection.channel.watch(reading: true)
                return
            case .end:
                if !connection.isSilent { logger.debug("connection closed by the peer within a request") }
                close(connection)
                return
            }
        }
        connection.channel.watch(reading: true)
    }

    /// Takes bytes of a connection; false if nothing is to be read from it for now.
    func take(_ bytes: ArraySlice<UInt8>, on connection: Connection) -> Bool {
        var input = bytes
        while true {
            switch connection.records.consume(&input) {
            case .read:
                return true
            case .reply(let bytes):
                if connection.channel.send(bytes) == .closed {
                    close(connection)
                    return false
                }
            case .request(let records):
                deliver(records, on: connection)
                return false
            case .close(let fault):
                logger.notice("connection refused: broken protocol", metadata: ["reason": "\(fault.rawValue)"])
                close(connection)
                return false
            }
        }
    }

    func deliver(_ records: RequestRecords, on connection: Connection) {
        inFlight += 1
        connection.phase = .serving
        connection.deadline = nil
        connection.task = dispatcher.begin(
            Delivery(
                records: records, isOverloaded: inFlight > limits.maximumInFlight, channel: connection.channel,
                mailbox: mailbox))
    }

    func close(_ connection: Connection) {
        connection.channel.close()
        connections[connection.key] = nil
    }

    /// Goes on sending an answer.
    private func write(_ connection: Connection) {
        guard case .writing(let start) = connection.phase else { return }
        switch connection.channel.flush() {
        case .all, .closed:
            close(connection)
        case .partly(let isProgress):
            if isProgress { connection.deadline = min(now + limits.writeTimeout, start + limits.totalWriteTimeout) }
            connection.channel.watch(reading: false)
        }
    }

    /// Until when nothing happens by itself.
    private var timeout: Duration? {
        let sweep = connections.isEmpty ? nil : nextSweep
        guard let next = [sweep, resumption].compactMap({ $0 }).min() else { return nil }
        return ContinuousClock.now.duration(to: next)
    }

    private func sweepIfDue() {
        if let resumption, resumption <= now { listen() }
        guard nextSweep <= now else { return }
        nextSweep =
            now
            + (isStopping
                ? min(limits.sweepInterval, max(.milliseconds(10), limits.stopGrace / 10)) : limits.sweepInterval)
        sweep()
    }
}
