import TestSupport
import Testing

@testable import Kubernetes

@Suite struct ElectionMachineTests {
    private let start = ContinuousClock.now
    private var machine = ElectionMachine(identity: "me", timing: ElectionTiming())

    @Test mutating func createsAMissingLeaseAndLeadsFromBeforeTheCall() {
        #expect(machine.next(now: start) == .read)
        machine.observed(nil, now: start)
        #expect(machine.next(now: start) == .create)
        machine.wrote(version: "1", sentAt: start, now: start + .seconds(3))
        #expect(machine.lead(now: start + .seconds(3)) == start + .seconds(10))
        #expect(machine.lead(now: start + .seconds(10)) == nil)
    }

    @Test mutating func renewsEveryTwoSeconds() {
        machine.observed(nil, now: start)
        machine.wrote(version: "1", sentAt: start, now: start)
        #expect(machine.next(now: start) == .wait(until: start + .seconds(2)))
        #expect(machine.next(now: start + .seconds(2)) == .replace(version: "1", .renew))
        machine.wrote(version: "2", sentAt: start + .seconds(2), now: start + .seconds(2))
        #expect(machine.lead(now: start + .seconds(11)) == start + .seconds(12))
    }

    @Test mutating func takesWhatHasNotChangedForFifteenSecondsByItsOwnClock() {
        var now = start
        while now < start + .seconds(15) {
            #expect(machine.next(now: now) == .read)
            machine.observed(("1", "other"), now: now)
            now += .seconds(2)
            #expect(machine.next(now: now - .seconds(2)) == .wait(until: now))
        }
        #expect(machine.next(now: now) == .read)
        machine.observed(("1", "other"), now: now)
        #expect(machine.next(now: now) == .replace(version: "1", .take))
    }

    @Test mutating func aRenewalBeginsTheTimeAnew() {
        machine.observed(("1", "other"), now: start)
        machine.observed(("2", "other"), now: start + .seconds(14))
        #expect(machine.next(now: start + .seconds(16)) == .wait(until: start + .seconds(18)))
    }

    @Test mutating func takesAtOnceWhatWasGivenUp() {
        machine.observed(("1", "other"), now: start)
        machine.observed(("2", nil), now: start + .seconds(2))
        #expect(machine.next(now: start + .seconds(2)) == .replace(version: "2", .take))
    }

    @Test mutating func doesNotTakeADeletedLeaseWhileItsHolderMayLead() {
        machine.observed(("1", "other"), now: start)
        machine.observed(nil, now: start + .seconds(2))
        #expect(machine.next(now: start + .seconds(2)) == .wait(until: start + .seconds(4)))
        machine.observed(nil, now: start + .seconds(15))
        #expect(machine.next(now: start + .seconds(15)) == .create)
    }

    @Test mutating func readsAgainAfterEveryConflictAndFailure() {
        machine.observed(nil, now: start)
        machine.wrote(version: "1", sentAt: start, now: start)
        machine.failed(now: start + .seconds(3))
        #expect(machine.next(now: start + .seconds(3)) == .wait(until: start + .seconds(5)))
        #expect(machine.next(now: start + .seconds(5)) == .read)
        // The write whose response was lost had its effect.
        machine.observed(("2", "me"), now: start + .seconds(5))
        #expect(machine.lead(now: start + .seconds(5)) == start + .seconds(10))
        #expect(machine.next(now: start + .seconds(5)) == .replace(version: "2", .renew))
        machine.conflicted(now: start + .seconds(5))
        #expect(machine.next(now: start + .seconds(5)) == .read)
        machine.observed(("3", "other"), now: start + .seconds(5))
        #expect(machine.lead(now: start + .seconds(5)) == nil)
    }

    @Test mutating func givesUpWhatItHoldsAndLetsTheOthersTryFirst() {
        machine.observed(nil, now: start)
        machine.wrote(version: "1", sentAt: start, now: start)
        #expect(machine.release() == .replace(version: "1", .release))
        #expect(machine.lead(now: start) == nil)
        machine.released(now: start)
        #expect(machine.release() == nil)
        #expect(machine.next(now: start) == .wait(until: start + .seconds(2)))
        // What another holds is not given up.
        machine.observed(("5", "other"), now: start)
        #expect(machine.release() == nil)
    }
}

/// Candidates whose clocks run differently, over a network that delays and loses calls: at no moment of true time do two
/// lead.
@Suite struct ElectionSimulationTests {
    @Test(arguments: 0..<4)
    func neverTwoLeadAtTheSameTime(_ batch: Int) async throws {
        let seed = SeededRandom.anySeed() &+ UInt64(batch)
        var random = SeededRandom(seed: seed)
        var leads = 0
        for number in 0..<250 {
            var simulation = Simulation(random: SeededRandom(seed: random.next()))
            let problem = simulation.run()
            try #require(problem == nil, "seed \(seed), run \(number): \(problem ?? "")")
            leads += simulation.changes
            await Task.yield()
        }
        #expect(leads > 500, "the lead moves, or the test shows nothing")
    }

    private struct Lease {
        var version: Int
        var holder: String?
    }

    /// A call under way.
    private struct Call {
        var action: ElectionMachine.Action
        var sentAt: ContinuousClock.Instant
        /// True times of its execution, if it is executed, and of its response, or of the loss's discovery.
        var executesAt: Duration?
        var endsAt: Duration
        var result: Result = .lost
    }

    private enum Result { case lost, read(Lease?), written(Int), conflict }

    private struct Candidate {
        var machine: ElectionMachine
        var rate: Double
        var base: ContinuousClock.Instant
        var call: Call?
        /// It does nothing before: a process that is paused, or sleeps.
        var sleepsUntil = Duration.zero
        var isStopped = false

        /// When something happens next, by true time.
        var nextEvent: Duration {
            guard let call else { return sleepsUntil }
            return min(call.executesAt ?? .seconds(1_000), max(call.endsAt, sleepsUntil))
        }

        func clock(_ trueTime: Duration) -> ContinuousClock.Instant { base + trueTime * rate }
        func trueTime(_ instant: ContinuousClock.Instant) -> Duration { base.duration(to: instant) / rate }
    }

    private struct Simulation {
        var random: SeededRandom
        var lease: Lease?
        var version = 0
        var candidates: [Candidate] = []
        var time = Duration.zero
        var leader: Int?
        var changes = 0

        init(random: SeededRandom) {
            self.random = random
            for number in 0..<3 {
                // Their ratio stays just below the 1.5 that the deadlines allow.
                let rates: [Double] = [0.82, 1, 1.2]
                let rate = rates[Int.random(in: 0..<3, using: &self.random)]
                candidates.append(
                    Candidate(
                        machine: ElectionMachine(identity: "c\(number)", timing: ElectionTiming()), rate: rate,
                        base: .now + .seconds(Int.random(in: -10_000...10_000, using: &self.random))))
            }
        }

        mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
        mutating func delay(_ range: ClosedRange<Int>) -> Duration {
            .milliseconds(Int.random(in: range, using: &random))
        }

        mutating func run() -> String? {
            while time < .seconds(180) {
                // From event to event: between two of them a lead may end, and none begins.
                time = max(time + .milliseconds(1), candidates.map(\.nextEvent).min() ?? time)
                for index in candidates.indices { advance(index) }
                let leading = candidates.indices.filter {
                    candidates[$0].machine.lead(now: candidates[$0].clock(time)) != nil
                }
                guard leading.count <= 1 else { return "two lead at \(time): \(leading)" }
                if let now = leading.first, now != leader {
                    leader = now
                    changes += 1
                }
            }
            return nil
        }

        private mutating func advance(_ index: Int) {
            if var call = candidates[index].call {
                if let executesAt = call.executesAt, executesAt <= time {
                    call.executesAt = nil
                    let result = execute(call.action, candidates[index].machine.identity)
                    // A response may be lost although the call had its effect.
                    if !chance(15) { call.result = result }
                    candidates[index].call = call
                }
                if call.endsAt <= time, candidates[index].sleepsUntil <= time {
                    candidates[index].call = nil
                    finish(index, call)
                }
                return
            }
            guard candidates[index].sleepsUntil <= time else { return }
            // Now and then a process is paused, or its network is away for long.
            if chance(3) {
                candidates[index].sleepsUntil = time + delay(5_000...30_000)
                return
            }
            let now = candidates[index].clock(time)
            var action = candidates[index].machine.next(now: now)
            // A leader stops gracefully, and comes back.
            if chance(1), chance(30), candidates[index].machine.lead(now: now) != nil,
                let release = candidates[index].machine.release()
            {
                action = release
            }
            if case .wait(let instant) = action {
                candidates[index].sleepsUntil = candidates[index].trueTime(instant)
                return
            }
            let isLost = chance(15)
            let latency = delay(10...(chance(30) ? 9_000 : 300))
            // A deadline of five seconds by the candidate's clock ends the call; it may be executed later all the same.
            let limit = Duration.seconds(5) / candidates[index].rate
            candidates[index].call = Call(
                action: action, sentAt: now, executesAt: isLost ? nil : time + latency / 2,
                endsAt: time + (isLost ? limit : min(latency, limit)))
        }

        private mutating func execute(_ action: ElectionMachine.Action, _ identity: String) -> Result {
            switch action {
            case .wait: return .lost
            case .read: return .read(lease)
            case .create:
                guard lease == nil else { return .conflict }
            case .replace(let expected, _):
                guard let lease, String(lease.version) == expected else { return .conflict }
            }
            version += 1
            var holder: String? = identity
            if case .replace(_, .release) = action { holder = nil }
            lease = Lease(version: version, holder: holder)
            return .written(version)
        }

        private mutating func finish(_ index: Int, _ call: Call) {
            let now = candidates[index].clock(time)
            switch call.result {
            case .lost: candidates[index].machine.failed(now: now)
            case .conflict: candidates[index].machine.conflicted(now: now)
            case .read(let lease):
                candidates[index].machine.observed(lease.map { (String($0.version), $0.holder) }, now: now)
            case .written(let version):
                if case .replace(_, .release) = call.action {
                    candidates[index].machine.released(now: now)
                } else {
                    candidates[index].machine.wrote(version: String(version), sentAt: call.sentAt, now: now)
                }
            }
        }
    }
}
