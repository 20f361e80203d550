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
    let rotation: HTTPClientRotation
    private let transport: HTTPTransport
    private let credentials: Credentials
    private let breaker = Mutex(CircuitBreaker())
    private let report: AttemptReport

    init(
        configuration: KubernetesConfiguration, options: KubernetesClientOptions, logger: Logger,
        observer: (any KubernetesObserver)?
    ) throws(KubernetesError) {
        self.options = options
        rotation = try HTTPClientRotation(configuration: configuration, options: options, logger: logger)
        transport = HTTPTransport(configuration: configuration, options: options, rotation: rotation)
        credentials = Credentials(configuration: configuration, logger: logger)
        report = AttemptReport(logger: logger, observer: observer)
    }

    /// The response to a request, if it is one of success.
    func call(_ request: KubernetesRequest) async throws(KubernetesError) -> KubernetesResponse {
        if let size = request.body?.bytes.count, size > options.maximumRequestSize {
            throw KubernetesError(
                .tooLarge, "the object is \(size) bytes long; at most \(options.maximumRequestSize) are sent")
        }
        let limit = ContinuousClock.now + options.deadline
        let deadline = CallDeadline.current.map { min($0, limit) } ?? limit
        guard deadline > .now else {
            throw KubernetesError(.timeout, "the deadline had passed before anything was sent")
        }
        return try await attempts(request, until: deadline).get()
    }

    func shutdown() async { await rotation.shutdown() }

    /// The attempts of one call, one after another.
    private func attempts(
        _ request: KubernetesRequest, until deadline: ContinuousClock.Instant
    ) async -> Result<KubernetesResponse, KubernetesError> {
        var schedule = RetrySchedule(policy: options.retryPolicy, repeatability: request.repeatability)
        var mayHaveBeenApplied = false
        var renewals = 0
        while true {
            let token = credentials.current()
            let (result, outcome) = await attempt(request, token: token, until: deadline)
            guard case .failure(var error) = result else { return result }
            // Once an attempt's outcome is unknown, no later refusal settles it.
            mayHaveBeenApplied = mayHaveBeenApplied || error.mayHaveBeenApplied
            error.mayHaveBeenApplied = mayHaveBeenApplied
            if error.code == .unauthorized, renewals < Self.maximumRenewals {
                renewals += 1
                let hasNewToken = credentials.renewed(after: token)
                let hasNewCertificate = rotation.refresh(unlessYoungerThan: .zero)
                if hasNewToken || hasNewCertificate { continue }
            }
            let timeLeft = ContinuousClock.now.duration(to: deadline)
            switch schedule.decide(after: outcome, timeLeft: timeLeft, jitter: .random(in: RetrySchedule.jitters)) {
            case .giveUp:
                return .failure(error)
            case .retry(let delay):
                if error.code == .connection { rotation.refresh(unlessYoungerThan: .seconds(1)) }
                do {
                    // The backoff that the policy, or the server's Retry-After, asks for.
                    try await Task.sleep(for: delay, clock: .continuous)
                } catch {
                    var interrupted = KubernetesError(.cancelled, "the call was cancelled")
                    interrupted.mayHaveBeenApplied = mayHaveBeenApplied
                    return .failure(interrupted)
                }
            }
        }
    }

    private func attempt(
        _ request: KubernetesRequest, token: BearerToken?, until deadline: ContinuousClock.Instant
    ) async -> (Result<KubernetesResponse, KubernetesError>, AttemptOutcome) {
        let start = ContinuousClock.now
        if case .refused(let retryAfter) = breaker.withLock({ $0.admit(now: start) }) {
            var error = KubernetesError(.unavailable, "the cluster could not be reached just now")
            error.retryAfter = retryAfter
            report.ended(request, .failure(error), duration: .zero)
            return (.failure(error), .settled)
        }
        let result: Result<KubernetesResponse, KubernetesError>
        let outcome: AttemptOutcome
        let finding: CircuitBreaker.Finding
        do {
            let response = try await transport.send(request, token: token, until: deadline)
            finding = .reached
            if response.isSuccess {
                (result, outcome) = (.success(response), .settled)
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
        report.ended(request, result, duration: start.duration(to: end))
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
    fileprivate init(failure: TransportFailure, isWrite: Bool) {
        let code: Code =
            switch failure.kind {
            case .unreachable, .broken, .unusable: .connection
            case .responseTooLarge: .invalidResponse
            case .cancelled: .cancelled
            case .timedOut: .timeout
            }
        self.init(code, failure.message, cause: failure.cause)
        mayHaveBeenApplied = isWrite && failure.wasSent && failure.kind != .unreachable
    }
}
