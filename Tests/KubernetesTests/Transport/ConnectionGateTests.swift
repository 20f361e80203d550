import Synchronization
import Testing

@testable import Kubernetes

struct ConnectionGateTests {
    /// What came through, in order.
    private final class Arrivals: Sendable {
        private let list = Mutex<[Int]>([])
        var all: [Int] { list.withLock { $0 } }
        func note(_ index: Int) { list.withLock { $0.append(index) } }
    }

    /// Holds a place in the gate until it is opened.
    private func holder(_ gate: ConnectionGate, _ opened: AsyncStream<Void>) async -> Task<Bool, any Error> {
        let (entered, continuation) = AsyncStream<Void>.makeStream()
        let task = Task<Bool, any Error> {
            try await gate.pass(until: .now + .seconds(600)) { () async throws(TransportFailure) -> Bool in
                continuation.yield()
                for await _ in opened { break }
                return true
            }
        }
        for await _ in entered { break }
        return task
    }

    private func passer(_ gate: ConnectionGate, _ index: Int, _ arrivals: Arrivals) -> Task<Bool, any Error> {
        Task<Bool, any Error> {
            try await gate.pass(until: .now + .seconds(600)) { () async throws(TransportFailure) -> Bool in
                arrivals.note(index)
                return true
            }
        }
    }

    private func untilWaiting(_ count: Int, at gate: ConnectionGate) async {
        while gate.count != count { await Task.yield() }
    }

    /// How many are inside, and how many there were at most.
    private final class Crowd: Sendable {
        private let numbers = Mutex((now: 0, most: 0))
        var now: Int { numbers.withLock { $0.now } }
        var most: Int { numbers.withLock { $0.most } }
        func change(by difference: Int) {
            numbers.withLock {
                $0.now += difference
                $0.most = max($0.most, $0.now)
            }
        }
    }

    @Test func neverMoreAreInsideThanItIsWide() async throws {
        let gate = ConnectionGate(width: 3)
        let crowd = Crowd()
        let tasks = (0..<200).map { _ in
            Task<Bool, any Error> {
                try await gate.pass(until: .now + .seconds(600)) { () async throws(TransportFailure) -> Bool in
                    crowd.change(by: 1)
                    await Task.yield()
                    crowd.change(by: -1)
                    return true
                }
            }
        }
        for task in tasks { #expect(try await task.value) }
        #expect(crowd.now == 0)
        #expect((1...3).contains(crowd.most))
        #expect(gate.count == 0)
    }

    @Test func thoseWhoWaitAreServedInTheirOrder() async throws {
        let gate = ConnectionGate(width: 1)
        let arrivals = Arrivals()
        let (opened, opener) = AsyncStream<Void>.makeStream()
        let first = await holder(gate, opened)
        var others: [Task<Bool, any Error>] = []
        for index in 0..<5 {
            others.append(passer(gate, index, arrivals))
            await untilWaiting(index + 1, at: gate)
        }
        opener.yield()
        #expect(try await first.value)
        for other in others { #expect(try await other.value) }
        #expect(arrivals.all == [0, 1, 2, 3, 4])
    }

    @Test func whoeverIsCancelledLeavesTheLineAndTakesNobodysPlace() async throws {
        let gate = ConnectionGate(width: 1)
        let arrivals = Arrivals()
        let (opened, opener) = AsyncStream<Void>.makeStream()
        let first = await holder(gate, opened)
        let impatient = passer(gate, 1, arrivals)
        await untilWaiting(1, at: gate)
        let patient = passer(gate, 2, arrivals)
        await untilWaiting(2, at: gate)
        impatient.cancel()
        await #expect {
            try await impatient.value
        } throws: { error in
            (error as? TransportFailure)?.kind == .cancelled && (error as? TransportFailure)?.wasSent == false
        }
        opener.yield()
        #expect(try await first.value)
        #expect(try await patient.value)
        #expect(try await passer(gate, 3, arrivals).value)
        #expect(arrivals.all == [2, 3])
    }

    @Test func whoeverHasWaitedUntilTheDeadlineLeavesTheLine() async throws {
        let gate = ConnectionGate(width: 1)
        let (opened, opener) = AsyncStream<Void>.makeStream()
        let first = await holder(gate, opened)
        await #expect {
            try await gate.pass(until: .now + .milliseconds(10)) { () async throws(TransportFailure) -> Bool in true }
        } throws: { error in
            (error as? TransportFailure)?.kind == .timedOut && (error as? TransportFailure)?.wasSent == false
        }
        #expect(gate.count == 0)
        opener.yield()
        #expect(try await first.value)
        #expect(try await passer(gate, 1, Arrivals()).value)
    }

    @Test func oneThatIsCancelledAlreadyNeverEnters() async throws {
        let gate = ConnectionGate(width: 1)
        let task = Task<Bool, any Error> {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await gate.pass(until: .now + .seconds(600)) { () async throws(TransportFailure) -> Bool in true
            }
        }
        await #expect(throws: TransportFailure.self) { try await task.value }
        #expect(try await gate.pass(until: .now + .seconds(600)) { () async throws(TransportFailure) -> Bool in true })
    }
}
