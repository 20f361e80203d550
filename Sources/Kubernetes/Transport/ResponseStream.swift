import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Synchronization

/// A response whose body is read piece by piece.
///
/// The server is read as fast as the reader asks: one piece is held, and the connection is not read meanwhile. A stream
/// has no deadline, only a limit on each silence. It is closed by its end, by `close()`, by the cancellation of a task
/// that reads it, and at the latest when nobody refers to it; closing it before its end closes its connection.
final class ResponseStream: Sendable {
    /// The response without its body.
    let head: KubernetesResponse
    private let exchange: StreamedExchange

    private init(head: KubernetesResponse, exchange: StreamedExchange) {
        self.head = head
        self.exchange = exchange
    }

    deinit { exchange.close() }

    /// Sends a request, and waits for the response's head until the deadline.
    ///
    /// - Parameters:
    ///   - onClose: called once, when the connection is no longer used; before this throws, too.
    static func open(
        _ request: HTTPClient.Request, with client: HTTPClient, on eventLoop: any EventLoop,
        until deadline: ContinuousClock.Instant, onClose: @escaping @Sendable () -> Void
    ) async throws(TransportFailure) -> ResponseStream {
        let exchange = StreamedExchange(eventLoop: eventLoop, onClose: onClose)
        exchange.start(request, with: client)
        do throws(TransportFailure) {
            guard case .head(let head) = try await exchange.next(within: ContinuousClock.now.duration(to: deadline))
            else { throw TransportFailure.unexpectedPart }
            return ResponseStream(
                head: KubernetesResponse(status: Int(head.status.code), headers: head.headers, body: []),
                exchange: exchange)
        } catch {
            exchange.close()
            throw error
        }
    }

    /// The next piece of the body, never empty; `nil` at its end.
    ///
    /// One task reads at a time.
    /// - Parameters:
    ///   - silence: how long the server may send nothing; `nil` = for ever.
    /// - Throws: `timedOut` after such a silence, `cancelled`, `broken` if the connection ends before the body does.
    ///   The stream is closed then.
    func next(within silence: Duration?) async throws(TransportFailure) -> [UInt8]? {
        while true {
            switch try await exchange.next(within: silence) {
            case .part(let buffer):
                if buffer.readableBytes > 0 { return Array(buffer.readableBytesView) }
            case .end:
                exchange.close()
                return nil
            case .head, .pause:
                throw TransportFailure.unexpectedPart
            }
        }
    }

    /// The next piece of the body, never empty, or a pause: a silence of that length, after which the stream goes on.
    ///
    /// - Throws: as `next(within:)`, but for the silence.
    func next(pausingAfter silence: Duration) async throws(TransportFailure) -> StreamEvent {
        while true {
            switch try await exchange.next(within: silence, isPause: true) {
            case .part(let buffer):
                if buffer.readableBytes > 0 { return .piece(Array(buffer.readableBytesView)) }
            case .pause:
                return .pause
            case .end:
                exchange.close()
                return .end
            case .head:
                throw TransportFailure.unexpectedPart
            }
        }
    }

    /// The whole response, read to its end before the deadline.
    func collected(
        until deadline: ContinuousClock.Instant, limit: Int
    ) async throws(TransportFailure) -> KubernetesResponse {
        var response = head
        while let piece = try await next(within: ContinuousClock.now.duration(to: deadline)) {
            guard response.body.count + piece.count <= limit else {
                close()
                throw TransportFailure(ResponseAccumulator.ResponseTooBigError(maxBodySize: limit), wasSent: true)
            }
            response.body += piece
        }
        return response
    }

    /// Ends the stream; a reader that waits gets `cancelled`.
    func close() { exchange.close() }
}

/// What comes of a stream that is allowed to pause.
enum StreamEvent: Sendable, Equatable {
    case piece([UInt8])
    case pause
    case end
}

extension TransportFailure {
    fileprivate static var unexpectedPart: TransportFailure {
        TransportFailure(
            kind: .broken, message: "the parts of the response are out of order", wasSent: true,
            cause: HTTPParserError.invalidInternalState)
    }
}

/// What arrives of a response, in order.
private enum ResponsePart: Sendable {
    case head(HTTPResponseHead)
    case part(ByteBuffer)
    /// Nothing has come for as long as the reader gives it; it may still come.
    case pause
    case end
}

/// One exchange of the HTTP client: it hands over parts one at a time.
private final class StreamedExchange: HTTPClientResponseDelegate {
    private let eventLoop: any EventLoop
    private let state = Mutex(StreamState())
    private let onClose: @Sendable () -> Void

    init(eventLoop: any EventLoop, onClose: @escaping @Sendable () -> Void) {
        self.eventLoop = eventLoop
        self.onClose = onClose
    }

    func start(_ request: HTTPClient.Request, with client: HTTPClient) {
        let call = client.execute(request: request, delegate: self)
        // A client that is shut down fails the call, and does not tell its delegate.
        call.futureResult.whenFailure { [weak self] in self?.fail(TransportFailure($0, wasSent: true)) }
        // A reader that was cancelled meanwhile has closed it.
        if state.withLock({ !$0.started { call.cancel() } }) { call.cancel() }
    }

    /// - Parameter isPause: whether such a silence is a part, `.pause`, and not a failure.
    func next(within silence: Duration?, isPause: Bool = false) async throws(TransportFailure) -> ResponsePart {
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<StreamState.Arrival, Never>) in
                // Whoever cancels after this finds the waiter: both hold the lock.
                let arrival = state.withLock { state -> StreamState.Taken in
                    if Task.isCancelled { state.fail(.cancelled) }
                    return state.take(continuation)
                }
                switch arrival {
                case .now(let arrival, let promise):
                    promise?.succeed()
                    continuation.resume(returning: arrival)
                case .later(let number):
                    if let silence { startTimer(silence, forWait: number, isPause: isPause) }
                }
            }
        } onCancel: {
            fail(.cancelled)
        }
        guard case .failure(let failure) = result else { return try result.get() }
        close()
        throw failure
    }

    func close() {
        let (actions, isFirst) = state.withLock { ($0.close(), $0.markClosed()) }
        perform(actions)
        if isFirst { onClose() }
    }

    private func startTimer(_ silence: Duration, forWait number: Int, isPause: Bool) {
        let timer = eventLoop.scheduleTask(in: TimeAmount(max(silence, .zero))) { [weak self] () -> Void in
            self?.timeOut(wait: number, isPause: isPause)
        }
        // It may have fired, or the part may have come.
        if state.withLock({ !$0.timerStarted(number, timer) }) { timer.cancel() }
    }

    private func timeOut(wait number: Int, isPause: Bool) {
        if isPause { return perform(state.withLock { $0.paused(number) }) }
        let failure = TransportFailure(
            kind: .timedOut, message: "the cluster sent nothing within the time that it has", wasSent: true,
            cause: HTTPClientError.readTimeout)
        perform(state.withLock { $0.isWaiting(number) ? $0.failed(failure) : StreamState.Actions() })
    }

    private func fail(_ failure: TransportFailure) { perform(state.withLock { $0.failed(failure) }) }

    /// Nothing that can call back runs under the lock.
    private func perform(_ actions: StreamState.Actions) {
        actions.timer?.cancel()
        actions.promise?.succeed()
        actions.cancel?()
        if let (waiter, arrival) = actions.resume { waiter.resume(returning: arrival) }
    }

    private func post(_ part: ResponsePart) -> EventLoopFuture<Void> {
        let promise = eventLoop.makePromise(of: Void.self)
        perform(state.withLock { $0.post(part, promise) })
        return promise.futureResult
    }

    // MARK: - HTTPClientResponseDelegate

    func didReceiveHead(task: HTTPClient.Task<Void>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
        post(.head(head))
    }

    func didReceiveBodyPart(task: HTTPClient.Task<Void>, _ buffer: ByteBuffer) -> EventLoopFuture<Void> {
        post(.part(buffer))
    }

    func didReceiveError(task: HTTPClient.Task<Void>, _ error: any Error) {
        fail(TransportFailure(error, wasSent: true))
    }

    func didFinishRequest(task: HTTPClient.Task<Void>) {
        perform(state.withLock { $0.post(.end, nil) })
    }
}

extension TransportFailure {
    fileprivate static var cancelled: TransportFailure { TransportFailure(CancellationError(), wasSent: true) }
}

/// The place where a part waits for the reader, or the reader for a part, as a value.
private struct StreamState: Sendable {
    typealias Arrival = Result<ResponsePart, TransportFailure>
    typealias Waiter = CheckedContinuation<Arrival, Never>

    /// What is to be done outside the lock.
    struct Actions: Sendable {
        var resume: (Waiter, Arrival)?
        /// Tells the connection to go on reading.
        var promise: EventLoopPromise<Void>?
        var timer: Scheduled<Void>?
        var cancel: (@Sendable () -> Void)?
    }

    /// What a reader gets at once.
    enum Taken {
        case now(Arrival, EventLoopPromise<Void>?)
        case later(wait: Int)
    }

    private var part: (ResponsePart, EventLoopPromise<Void>?)?
    private var failure: TransportFailure?
    private var waiter: Waiter?
    private var timer: Scheduled<Void>?
    /// Counts the waits, so that a timer is for one of them only.
    private var wait = 0
    private var cancel: (@Sendable () -> Void)?
    private var hasEnded = false
    private var isClosed = false

    /// Notes how the exchange is cancelled; `false` if it has failed already.
    mutating func started(_ cancel: @escaping @Sendable () -> Void) -> Bool {
        guard failure == nil, !isClosed else { return false }
        self.cancel = cancel
        return true
    }

    mutating func post(_ part: ResponsePart, _ promise: EventLoopPromise<Void>?) -> Actions {
        if case .end = part { hasEnded = true }
        guard failure == nil, !isClosed else { return Actions(promise: promise) }
        guard let waiter else {
            self.part = (part, promise)
            return Actions()
        }
        defer { (self.waiter, timer) = (nil, nil) }
        return Actions(resume: (waiter, .success(part)), promise: promise, timer: timer)
    }

    mutating func take(_ waiter: Waiter) -> Taken {
        if let (part, promise) = part {
            self.part = nil
            return .now(.success(part), promise)
        }
        if let failure { return .now(.failure(failure), nil) }
        self.waiter = waiter
        wait += 1
        return .later(wait: wait)
    }

    func isWaiting(_ number: Int) -> Bool { waiter != nil && wait == number }

    /// Notes the timer of a wait; `false` if that wait is over.
    mutating func timerStarted(_ number: Int, _ timer: Scheduled<Void>) -> Bool {
        guard isWaiting(number) else { return false }
        self.timer = timer
        return true
    }

    /// The wait has been long enough to be a pause.
    mutating func paused(_ number: Int) -> Actions {
        guard isWaiting(number) else { return Actions() }
        defer { (waiter, timer) = (nil, nil) }
        return Actions(resume: waiter.map { ($0, .success(.pause)) })
    }

    /// Notes a failure: what came before it is still delivered.
    mutating func fail(_ failure: TransportFailure) { self.failure = self.failure ?? failure }

    mutating func failed(_ failure: TransportFailure) -> Actions {
        fail(failure)
        defer { (waiter, timer, cancel) = (nil, nil, nil) }
        return Actions(
            resume: waiter.map { ($0, .failure(self.failure ?? failure)) }, timer: timer,
            cancel: hasEnded ? nil : cancel)
    }

    /// Lets go of everything; a part that waits is dropped.
    mutating func close() -> Actions {
        var actions = failed(.cancelled)
        actions.promise = part?.1
        part = nil
        return actions
    }

    /// `true` the first time.
    mutating func markClosed() -> Bool {
        defer { isClosed = true }
        return !isClosed
    }
}
