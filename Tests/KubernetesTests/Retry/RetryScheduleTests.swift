import TestSupport
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
        var random = SeededRandom(seed: 1)
        return schedule.decide(after: outcome, timeLeft: Self.hour, using: &random) != .giveUp
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

    @Test func waitsLongerEachTimeAndRepeatsThreeTimesAtMost() {
        for seed in 0..<200 {
            var schedule = schedule(.read)
            var random = SeededRandom(seed: UInt64(seed))
            for mean in [50, 100, 200] {
                let decision = schedule.decide(after: .lost, timeLeft: Self.hour, using: &random)
                guard case .retry(let delay) = decision else {
                    Issue.record("gave up before the third repeat")
                    return
                }
                #expect(delay >= .milliseconds(mean / 2) && delay <= .milliseconds(mean * 3 / 2))
            }
            #expect(schedule.decide(after: .lost, timeLeft: Self.hour, using: &random) == .giveUp)
        }
    }

    @Test func neverWaitsMuchLongerThanTheLongestDelay() {
        let policy = RetryPolicy(maximumRetries: 100, firstDelay: .seconds(1), longestDelay: .seconds(4))
        var schedule = schedule(.read, policy)
        var random = SeededRandom(seed: 7)
        for _ in 0..<100 {
            guard case .retry(let delay) = schedule.decide(after: .lost, timeLeft: Self.hour, using: &random) else {
                Issue.record("gave up before the hundredth repeat")
                return
            }
            #expect(delay <= .seconds(6))
        }
    }

    @Test func comesNeverBackBeforeTheServersWord() {
        var schedule = schedule(.write)
        var random = SeededRandom(seed: 3)
        let busy = AttemptOutcome.refusedBeforeExecution(retryAfter: .seconds(5))
        guard case .retry(let delay) = schedule.decide(after: busy, timeLeft: Self.hour, using: &random) else {
            Issue.record("gave up")
            return
        }
        #expect(delay > .seconds(5) && delay < .seconds(6))
    }

    @Test func doesNotBeginAWaitThatWouldOutlastTheDeadline() {
        var schedule = schedule(.read)
        var random = SeededRandom(seed: 3)
        let busy = AttemptOutcome.refusedBeforeExecution(retryAfter: .seconds(5))
        #expect(schedule.decide(after: busy, timeLeft: .seconds(5), using: &random) == .giveUp)
        #expect(schedule.decide(after: .lost, timeLeft: .zero, using: &random) == .giveUp)
        #expect(schedule.decide(after: .lost, timeLeft: .seconds(-1), using: &random) == .giveUp)
    }
}
