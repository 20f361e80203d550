import Testing

@testable import Kubernetes

@Suite struct CircuitBreakerTests {
    private let start = ContinuousClock.now

    private func at(_ milliseconds: Int) -> ContinuousClock.Instant { start + .milliseconds(milliseconds) }

    private func opened() -> CircuitBreaker {
        var breaker = CircuitBreaker()
        for _ in 0..<CircuitBreaker.threshold {
            #expect(breaker.admit(now: at(0)) == .admitted)
            breaker.attemptEnded(.unreachable, now: at(0))
        }
        return breaker
    }

    @Test func opensAfterThreeFailuresInARow() {
        var breaker = opened()
        #expect(breaker.admit(now: at(100)) == .refused(retryAfter: .milliseconds(400)))
    }

    @Test func aResponseBetweenFailuresKeepsItClosed() {
        var breaker = CircuitBreaker()
        for _ in 0..<20 {
            breaker.attemptEnded(.unreachable, now: at(0))
            breaker.attemptEnded(.unreachable, now: at(0))
            breaker.attemptEnded(.reached, now: at(0))
            #expect(breaker.admit(now: at(0)) == .admitted)
        }
    }

    @Test func callersWithoutPatienceDoNotOpenIt() {
        var breaker = CircuitBreaker()
        for _ in 0..<20 { breaker.attemptEnded(.nothing, now: at(0)) }
        #expect(breaker.admit(now: at(0)) == .admitted)
    }

    @Test func letsOneProbeThroughAndClosesWhenItSucceeds() {
        var breaker = opened()
        #expect(breaker.admit(now: at(500)) == .admitted)
        #expect(breaker.admit(now: at(501)) != .admitted)
        breaker.attemptEnded(.reached, now: at(510))
        #expect(breaker.admit(now: at(511)) == .admitted)
        #expect(breaker.admit(now: at(511)) == .admitted)
    }

    @Test func staysOpenLongerAfterEachFailedProbeButNeverTwoSeconds() {
        var breaker = opened()
        var now = 500
        for pause in [1_000, 1_500, 1_500, 1_500] {
            #expect(breaker.admit(now: at(now)) == .admitted)
            breaker.attemptEnded(.unreachable, now: at(now))
            #expect(breaker.admit(now: at(now)) == .refused(retryAfter: .milliseconds(pause)))
            now += pause
        }
    }

    @Test func aProbeThatTeachesNothingIsFollowedByAnother() {
        var breaker = opened()
        #expect(breaker.admit(now: at(500)) == .admitted)
        breaker.attemptEnded(.nothing, now: at(600))
        #expect(breaker.admit(now: at(600)) == .admitted)
    }

    @Test func aProbeThatNeverEndsDoesNotKeepItOpen() {
        var breaker = opened()
        #expect(breaker.admit(now: at(500)) == .admitted)
        #expect(breaker.admit(now: at(2_499)) != .admitted)
        #expect(breaker.admit(now: at(2_500)) == .admitted)
    }

    @Test func failuresOfCallsThatWereUnderWayDoNotProlongIt() {
        var breaker = opened()
        breaker.attemptEnded(.unreachable, now: at(400))
        #expect(breaker.admit(now: at(500)) == .admitted)
    }
}
