import Synchronization

/// Lets through as many exchanges as there may be connections; the others wait here, first come, first served.
///
/// The HTTP client has a queue of its own for them, but gives up what has waited there for as long as a connection may
/// take to come about, and searches all of the queue for it: with a thousand that wait for a slow cluster that costs a
/// core, and the waiters their turn. Here a wait ends only by its turn, by the call's deadline or by its task's
/// cancellation, each in a time that does not depend on how many others wait.
final class ConnectionGate: Sendable {
    private let waiting: Mutex<WaitingLine>
    private let nextTicket = Atomic<UInt64>(0)

    /// A gate for that many at a time; at least 1.
    init(width: Int) {
        waiting = Mutex(WaitingLine(free: max(1, width)))
    }

    /// Performs `body` once it is its turn.
    ///
    /// - Throws: as `enter(until:)`; what `body` throws.
    func pass<Output: Sendable>(
        until deadline: ContinuousClock.Instant, _ body: () async throws(TransportFailure) -> Output
    ) async throws(TransportFailure) -> Output {
        try await enter(until: deadline)
        defer { leave() }
        return try await body()
    }

    /// Waits for the caller's turn; who gets in calls `leave()` once.
    ///
    /// - Throws: `TransportFailure` of the kind `cancelled` if the task is cancelled while it waits, `timedOut` if the
    ///   deadline passes.
    func enter(until deadline: ContinuousClock.Instant) async throws(TransportFailure) {
        if Task.isCancelled || !enterAtOnce() { try await waitToEnter(until: deadline) }
    }

    /// Lets the next one in.
    func leave() {
        waiting.withLock { $0.leave() }?.resume(returning: true)
    }

    /// How many wait now.
    var count: Int { waiting.withLock { $0.count } }

    /// Whether there was room; whoever waits has been let in before.
    private func enterAtOnce() -> Bool { waiting.withLock { $0.enterAtOnce() } }

    private func waitToEnter(until deadline: ContinuousClock.Instant) async throws(TransportFailure) {
        let (isIn, isLate) = await CallDeadline.race(until: deadline) { await self.enter() }
        guard !isIn else { return }
        guard isLate else { throw TransportFailure(CancellationError(), wasSent: false) }
        throw TransportFailure(
            kind: .timedOut, message: "no connection became free within the deadline", wasSent: false,
            cause: CancellationError())
    }

    private func enter() async -> Bool {
        let ticket = nextTicket.wrappingAdd(1, ordering: .relaxed).oldValue
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let settled = waiting.withLock { line -> Bool? in
                    // Whoever cancels after this finds the ticket in the line: both hold the lock.
                    guard !Task.isCancelled else { return false }
                    return line.enter(ticket, continuation) ? true : nil
                }
                if let settled { continuation.resume(returning: settled) }
            }
        } onCancel: {
            waiting.withLock { $0.remove(ticket) }?.resume(returning: false)
        }
    }

}

/// Who is in and who waits, as a value.
private struct WaitingLine {
    typealias Waiter = CheckedContinuation<Bool, Never>

    private var free: Int
    private var waiters: [UInt64: Waiter] = [:]
    /// No ticket below this one waits.
    ///
    /// Tickets are drawn before they are entered, so one may come late.
    private var lowest: UInt64 = 0
    private var end: UInt64 = 0

    init(free: Int) {
        self.free = free
    }

    var count: Int { waiters.count }

    /// `true` if there was room.
    mutating func enterAtOnce() -> Bool {
        guard free > 0 else { return false }
        free -= 1
        return true
    }

    /// `true` if the ticket's holder is in; otherwise it waits.
    mutating func enter(_ ticket: UInt64, _ waiter: Waiter) -> Bool {
        if enterAtOnce() { return true }
        waiters[ticket] = waiter
        lowest = min(lowest, ticket)
        end = max(end, ticket + 1)
        return false
    }

    /// Somebody no longer wants to wait.
    mutating func remove(_ ticket: UInt64) -> Waiter? { waiters.removeValue(forKey: ticket) }

    /// Somebody is out: whose turn it is.
    mutating func leave() -> Waiter? {
        while lowest < end, !waiters.isEmpty {
            let ticket = lowest
            lowest += 1
            if let waiter = waiters.removeValue(forKey: ticket) { return waiter }
        }
        lowest = end
        free += 1
        return nil
    }
}
