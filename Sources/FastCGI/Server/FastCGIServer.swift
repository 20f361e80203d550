public import Logging
public import ServiceLifecycle

/// A FastCGI server in the responder role, for a web server in front of it.
///
/// A connection carries one request: it is closed behind the response, also where the peer allows it to stay open
/// (FCGI_KEEP_CONN).
/// Connections are accepted and read on one thread that waits for nothing but them; each whole request becomes a task,
/// which calls the responder. However slow peers are, and however long responders wait, the others are served.
public struct FastCGIServer: Service {
    /// Starts the task of one request, which runs the operation and nothing else.
    ///
    /// It is called on the thread that accepts and reads all connections, and must return without waiting. The choice of
    /// how the task starts is the choice of the threads on which requests are served: `Task(operation:)` has Swift's own
    /// pool serve them from the start; `Task.immediate` (SE-0472) has them begin on the thread that reads, which is then
    /// held until the responder first waits.
    public typealias TaskStarter = @Sendable (_ operation: @escaping @Sendable () async -> Void) -> Task<Void, Never>

    /// Responds to a request; it may be called for many at a time.
    ///
    /// It gets the only copy of the request, and so decides how long the memory of its parameters is kept.
    public typealias Responder = @Sendable (_ request: sending FastCGIRequest) async -> FastCGIResponse

    private let listener: FastCGIListener
    private let limits: FastCGILimits
    private let logger: Logger
    private let startTask: TaskStarter
    private let responder: Responder
    private let address = Promise<Result<String, FastCGIError>>()

    /// A server, which does nothing before it runs.
    ///
    /// libfcgi is initialised here, so that signal handlers that the process installs later stay.
    ///
    /// - Parameters:
    ///   - listener: Where connections come from.
    ///   - limits: How much is taken, and how long is waited.
    ///   - logger: Gets start and stop as `info`, refused peers as `notice` or `warning`.
    ///   - startTask: Starts the task of each request, by default on Swift's own pool.
    ///   - responder: Responds to a request. It is called for many requests at a time, and is cancelled if `run()` is.
    public init(
        listener: FastCGIListener, limits: FastCGILimits = FastCGILimits(), logger: Logger,
        startTask: @escaping TaskStarter = { Task(operation: $0) },
        responder: @escaping Responder
    ) {
        self.listener = listener
        self.limits = limits
        self.logger = logger
        self.startTask = startTask
        self.responder = responder
        _ = Library.isReady
    }

    /// The address that the server listens on, in the form of `FastCGIListener.init(parsing:)`, as soon as it does.
    ///
    /// - Throws: The error that `run()` throws if it cannot listen.
    public var localAddress: String {
        get async throws { try await address.value.get() }
    }

    /// Listens and serves until a graceful shutdown or a cancellation; to be called once.
    ///
    /// A graceful shutdown takes no further connection, cancels the tasks of waits and streams, and returns when every request that
    /// has begun has its response. A cancellation closes all connections and returns as soon as the responders do.
    ///
    /// - Throws: `FastCGIError` if it cannot listen, or no longer can.
    public func run() async throws {
        let service = try open()
        let mailbox = service.mailbox
        let failure = await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                await service.end.value
            } onGracefulShutdown: {
                mailbox.post(.stop, isUrgent: true)
            }
        } onCancel: {
            mailbox.post(.abort, isUrgent: true)
        }
        if let failure { throw failure }
        logger.info("stopped")
    }

    /// How a run is controlled, and how it reports its end.
    private struct OpenService {
        let mailbox: Mailbox
        let end: Promise<FastCGIError?>
    }

    private func open() throws(FastCGIError) -> OpenService {
        do throws(FastCGIError) {
            let files = try MemoryFiles()
            var socket = try ListeningSocket(listener, backlog: limits.backlog)
            do throws(FastCGIError) {
                let service = try start(socket, files: files)
                logger.info("listening", metadata: ["address": "\(socket.address)"])
                if !socket.isLocal { logger.warning("every host that reaches this address can claim any identity") }
                address.keep(.success(socket.address))
                return service
            } catch {
                socket.close()
                throw error
            }
        } catch {
            address.keep(.failure(error))
            throw error
        }
    }

    private func start(_ socket: ListeningSocket, files: MemoryFiles) throws(FastCGIError) -> OpenService {
        let mailbox = try Mailbox()
        let poller = try Poller()
        let end = Promise<FastCGIError?>()
        let dispatcher = Dispatcher(
            files: files, bodyLimit: limits.maximumBodyLength, logger: logger, startTask: startTask,
            responder: responder)
        do throws(FastCGIError) {
            try ReactorThread.start { [limits, logger, allowed = listener.allowedUserIDs] in
                let reactor = Reactor(
                    listener: socket, allowedUserIDs: allowed, limits: limits, logger: logger, poller: poller,
                    mailbox: mailbox, dispatcher: dispatcher)
                end.keep(reactor.run())
            }
        } catch {
            poller.close()
            throw error
        }
        return OpenService(mailbox: mailbox, end: end)
    }
}
