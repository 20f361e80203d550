import Testing

@testable import Kubernetes

@Suite struct RetryScheduleTests {
    private static let hour = Duration.seconds(3600)

    private func schedule(_ repeatability: Repeatability, _ policy: RetryPolicy = RetryPolicy()) -> RetrySchedule {
        RetrySchedule(policy: policy, repeatability: repeatability)
    }

    /// Whether an attempt with that outcome is followed by another.
    private func repeats(_ repeatability: Repeatability, after outcome: AttemptOutcome) -> Bool {
        var schedule = schedule(repeatability)
        return schedule.decide(after: outcome, timeLeft: Self.hour, jitter: 1) != .giveUp
    }

    @Test func repeatsOnlyWhereItIsHarmless() {
        let busy = AttemptOutcome.refusedBeforeExecution(retryAfter: nil)
        for repeatability in [Repeatability.read, .harmlessWrite, .write] {
            #expect(repeats(repeatability, after: .notSent))
            #expect(repeats(repeatability, after: busy))
            #expect(!repeats(repeatability, after: .settled))
            #expect(repeats(repeatability, after: .lost) == (repeatability != .write))
            #expect(repeats(repeatability, after: .failed(retryAfter: nil)) == (repeatability != .write))
        }
    }

    @Test(arguments: [0.5, 1, 1.5])
    func waitsLongerEachTimeAndRepeatsThreeTimesAtMost(jitter: Double) {
        var schedule = schedule(.read)
        let decisions = (0..<4).map { _ in schedule.decide(after: .lost, timeLeft: Self.hour, jitter: jitter) }
        let waits = [50, 100, 200].map { RetrySchedule.Decision.retry(after: .milliseconds($0) * jitter) }
        #expect(decisions == waits + [.giveUp])
    }

    @Test func neverWaitsMuchLongerThanTheLongestDelay() {
        let policy = RetryPolicy(maximumRetries: 100, firstDelay: .seconds(1), longestDelay: .seconds(4))
        var schedule = schedule(.read, policy)
        let decisions = (0..<100).map { _ in schedule.decide(after: .lost, timeLeft: Self.hour, jitter: 1.5) }
        let waits = [1.5, 3, 6].map { RetrySchedule.Decision.retry(after: .seconds($0)) }
        #expect(decisions == waits + Array(repeating: .retry(after: .seconds(6)), count: 97))
    }

    @Test func comesNeverBackBeforeTheServersWord() {
        var schedule = schedule(.write)
        let busy = AttemptOutcome.refusedBeforeExecution(retryAfter: .seconds(5))
        let decision = schedule.decide(after: busy, timeLeft: Self.hour, jitter: 0.5)
        #expect(decision == .retry(after: .milliseconds(5_025)))
    }

    @Test func doesNotBeginAWaitThatWouldOutlastTheDeadline() {
        var schedule = schedule(.read)
        let busy = AttemptOutcome.refusedBeforeExecution(retryAfter: .seconds(5))
        #expect(schedule.decide(after: busy, timeLeft: .seconds(5), jitter: 0.5) == .giveUp)
        #expect(schedule.decide(after: .lost, timeLeft: .zero, jitter: 0.5) == .giveUp)
        #expect(schedule.decide(after: .lost, timeLeft: .seconds(-1), jitter: 0.5) == .giveUp)
    }
}
