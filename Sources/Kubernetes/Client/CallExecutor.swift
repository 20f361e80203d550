import Foundation
import Logging
import Synchronization

/// Performs calls: their attempts, the waits between them, their credentials and deadlines.
///
/// Values without a network decide what to do next (`RetrySchedule`, `CircuitBreaker`, `TokenCache`); this does it.
final class CallExecutor: Sendable {
    /// How often one call is sent again because its credentials were rotated: rotations may follow each other closely.
    private static let maximumRenewals = 3

    private let options: KubernetesClientOptions
    let transport: HTTPTransport
    private let credentials: Credentials
    private let breaker = Mutex(CircuitBreaker())
    private let clock = Mutex(ServerClock())
    private let report: AttemptReport

    /// The newest reading of the server's clock.
    var serverTime: ServerTime? { clock.withLock { $0.reading } }

    init(
        configuration: KubernetesConfiguration, options: KubernetesClientOptions, logger: Logger,
        observer: (any KubernetesObserver)?
    ) throws(KubernetesError) {
        self.options = options
        transport = try HTTPTransport(configuration: configuration, options: options, logger: logger)
        credentials = Credentials(configuration: configuration, logger: logger)
        report = AttemptReport(logger: logger, observer: observer)
    }

    /// The response to a request, if it is one of success.
    func call(_ request: KubernetesRequest) async throws(KubernetesError) -> KubernetesResponse {
        try await attempts(request, options.retryPolicy) { (token, deadline) async throws(TransportFailure) in
            let response = try await self.transport.send(request, token: token, until: deadline)
            return (response, response)
        }
    }

    /// The response to a request that only reads, with its body as a stream, if it is one of success.
    ///
    /// The deadline of calls holds for the response's head alone.
    /// - Parameters:
    ///   - isRepeated: whether a failed attempt is repeated as the policy says; renewed credentials are always tried.
    func open(_ request: KubernetesRequest, isRepeated: Bool) async throws(KubernetesError) -> ResponseStream {
        let policy = isRepeated ? options.retryPolicy : RetryPolicy(maximumRetries: 0)
        return try await attempts(request, policy) { (token, deadline) async throws(TransportFailure) in
            let stream = try await self.transport.open(request, token: token, until: deadline)
            guard !stream.head.isSuccess else { return (stream.head, stream) }
            // The body of a refusal is short, and describes it.
            return (try await stream.collected(until: deadline, limit: self.options.maximumResponseSize), stream)
        }
    }

    func shutdown() async { await transport.shutdown() }

    /// Sends a request with a token, until a deadline: the response, as far as it is read, and what the caller gets.
    private typealias Send<Output> = (BearerToken?, ContinuousClock.Instant) async throws(TransportFailure) -> (
        response: KubernetesResponse, output: Output
    )

    /// The attempts of one call, one after another.
    private func attempts<Output>(
        _ request: KubernetesRequest, _ policy: RetryPolicy, _ send: Send<Output>
    ) async throws(KubernetesError) -> Output {
        if let size = request.body?.bytes.count, size > options.maximumRequestSize {
            throw KubernetesError(
                .tooLarge, "the object is \(size) bytes long; at most \(options.maximumRequestSize) are sent")
        }
        let limit = ContinuousClock.now + options.deadline
        let deadline = CallDeadline.effective.map { min($0, limit) } ?? limit
        guard deadline > .now else {
            throw KubernetesError(.timeout, "the deadline had passed before anything was sent")
        }
        var schedule = RetrySchedule(policy: policy, repeatability: request.repeatability)
        var mayHaveBeenApplied = false
        var renewals = 0
        while true {
            let token = credentials.current()
            let (result, outcome) = await attempt(request, token: token, until: deadline, send)
            guard case .failure(var error) = result else { return try result.get() }
            // Once an attempt's outcome is unknown, no later refusal settles it.
            mayHaveBeenApplied = mayHaveBeenApplied || error.mayHaveBeenApplied
            error.mayHaveBeenApplied = mayHaveBeenApplied
            if error.code == .unauthorized, renewals < Self.maximumRenewals {
                renewals += 1
                let hasNewToken = credentials.renewed(after: token)
                let hasNewCertificate = transport.renewCertificates(unlessYoungerThan: .zero)
                if hasNewToken || hasNewCertificate { continue }
            }
            let timeLeft = ContinuousClock.now.duration(to: deadline)
            switch schedule.decide(after: outcome, timeLeft: timeLeft, jitter: .random(in: RetrySchedule.jitters)) {
            case .giveUp:
                throw error
            case .retry(let delay):
                if error.code == .connection { transport.renewCertificates(unlessYoungerThan: .seconds(1)) }
                do {
                    // The backoff that the policy, or the server's Retry-After, asks for.
                    try await Task.sleep(for: delay, clock: .continuous)
                } catch {
                    var interrupted = KubernetesError(.cancelled, "the call was cancelled")
                    interrupted.mayHaveBeenApplied = mayHaveBeenApplied
                    throw interrupted
                }
            }
        }
    }

    private func attempt<Output>(
        _ request: KubernetesRequest, token: BearerToken?, until deadline: ContinuousClock.Instant, _ send: Send<Output>
    ) async -> (Result<Output, KubernetesError>, AttemptOutcome) {
        let start = ContinuousClock.now
        if case .refused(let retryAfter) = breaker.withLock({ $0.admit(now: start) }) {
            var error = KubernetesError(.unavailable, "the cluster could not be reached just now")
            error.retryAfter = retryAfter
            report.ended(request, status: nil, error, duration: .zero)
            return (.failure(error), .settled)
        }
        let result: Result<Output, KubernetesError>
        let outcome: AttemptOutcome
        let finding: CircuitBreaker.Finding
        var status: Int?
        do {
            let (response, output) = try await send(token, deadline)
            status = response.status
            finding = .reached
            clock.withLock { $0.note(response.date, at: .now) }
            if response.isSuccess {
                (result, outcome) = (.success(output), .settled)
            } else {
                let error = KubernetesError(response: response, isWrite: request.isWrite)
                (result, outcome) = (.failure(error), AttemptOutcome(refused: error))
            }
        } catch {
            finding = CircuitBreaker.Finding(failure: error)
            (result, outcome) = (
                .failure(KubernetesError(failure: error, isWrite: request.isWrite)), AttemptOutcome(failed: error)
            )
        }
        let end = ContinuousClock.now
        breaker.withLock { $0.attemptEnded(finding, now: end) }
        var failure: KubernetesError?
        if case .failure(let error) = result { failure = error }
        report.ended(request, status: status, failure, duration: start.duration(to: end))
        return (result, outcome)
    }
}

extension AttemptOutcome {
    fileprivate init(refused error: KubernetesError) {
        if error.isRefusedBeforeExecution {
            self = .refusedBeforeExecution(retryAfter: error.retryAfter)
        } else if let status = error.httpStatus, [500, 502, 503, 504].contains(status), error.code != .tooLarge {
            self = .failed(retryAfter: error.retryAfter)
        } else {
            self = .settled
        }
    }

    fileprivate init(failed failure: TransportFailure) {
        self =
            switch failure.kind {
            case .unreachable: .notSent
            case .broken: failure.wasSent ? .lost : .notSent
            case .responseTooLarge, .cancelled, .timedOut, .unusable: .settled
            }
    }
}

extension CircuitBreaker.Finding {
    /// Only a failed connection shows that the cluster is unreachable.
    ///
    /// Silence on an open connection does not: one resource may be slow, and calls to all others would suffer.
    fileprivate init(failure: TransportFailure) {
        self =
            switch failure.kind {
            case .unreachable: .unreachable
            case .broken, .responseTooLarge: .reached
            case .cancelled, .timedOut, .unusable: .nothing
            }
    }
}

extension KubernetesError {
    /// The error of an attempt that ended without a whole response.
    init(failure: TransportFailure, isWrite: Bool) {
        let code: Code =
            switch failure.kind {
            case .unreachable, .broken, .unusable: .connection
            case .responseTooLarge: .responseTooLarge
            case .cancelled: .cancelled
            case .timedOut: .timeout
            }
        self.init(code, failure.message, cause: failure.cause)
        mayHaveBeenApplied = isWrite && failure.wasSent && failure.kind != .unreachable
    }
}
