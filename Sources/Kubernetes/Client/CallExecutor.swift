import Foundation
import Logging
import Synchronization

/// Carries out one call: its attempts, the waits between them, its credentials and its deadline.
///
/// What to do next is decided by values that know no network (`RetrySchedule`, `CircuitBreaker`, `TokenCache`); this
/// does it.
final class CallExecutor: Sendable {
    /// How often one call is sent again because its credentials were replaced, each time by others: one rotation may come
    /// right behind another.
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

    /// The answer to a request, if it is one of success.
    func call(_ request: KubernetesRequest) async throws(KubernetesError) -> HTTPAnswer {
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
    ) async -> Result<HTTPAnswer, KubernetesError> {
        var schedule = RetrySchedule(policy: options.retryPolicy, repeatability: request.repeatability)
        var mayHaveBeenApplied = false
        var renewals = 0
        while true {
            let token = credentials.current()
            let (result, outcome) = await attempt(request, token: token, until: deadline)
            guard case .failure(var error) = result else { return result }
            // What one attempt left open no later refusal settles.
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
    ) async -> (Result<HTTPAnswer, KubernetesError>, AttemptOutcome) {
        let start = ContinuousClock.now
        if case .refused(let retryAfter) = breaker.withLock({ $0.admit(now: start) }) {
            var error = KubernetesError(.unavailable, "the cluster could not be reached just now")
            error.retryAfter = retryAfter
            report.ended(request, .failure(error), duration: .zero)
            return (.failure(error), .settled)
        }
        let result: Result<HTTPAnswer, KubernetesError>
        let outcome: AttemptOutcome
        let finding: CircuitBreaker.Finding
        do {
            let answer = try await transport.send(request, token: token, until: deadline)
            finding = .reached
            if answer.isSuccess {
                (result, outcome) = (.success(answer), .settled)
            } else {
                let error = KubernetesError(answer: answer, isWrite: request.isWrite)
                (result, outcome) = (.failure(error), AttemptOutcome(answered: error))
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
    fileprivate init(answered error: KubernetesError) {
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
            case .answerTooLarge, .cancelled, .timedOut, .unusable: .settled
            }
    }
}

extension CircuitBreaker.Finding {
    /// Only a connection that does not come about says that the cluster is away.
    ///
    /// Silence over one that stands does not: it may be one slow resource, and the calls to all others would suffer.
    fileprivate init(failure: TransportFailure) {
        self =
            switch failure.kind {
            case .unreachable: .unreachable
            case .broken, .answerTooLarge: .reached
            case .cancelled, .timedOut, .unusable: .nothing
            }
    }
}

extension KubernetesError {
    fileprivate init(failure: TransportFailure, isWrite: Bool) {
        let code: Code =
            switch failure.kind {
            case .unreachable, .broken, .unusable: .connection
            case .answerTooLarge: .invalidAnswer
            case .cancelled: .cancelled
            case .timedOut: .timeout
            }
        self.init(code, failure.message, cause: failure.cause)
        mayHaveBeenApplied = isWrite && failure.wasSent && failure.kind != .unreachable
    }
}
