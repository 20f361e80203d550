import Synchronization

@testable import Components

/// Where every call of every process waits until it is let through, alone or with a fault.
final class CallGate: Sendable {
    /// A call that waits.
    struct Waiting: Sendable {
        let call: World.Call
        let process: Int
        let continuation: CheckedContinuation<World.Fault?, Never>
    }

    private let waiting = Mutex<[Waiting]>([])

    var count: Int { waiting.withLock(\.count) }

    func pass(_ call: World.Call, of process: Int) async -> World.Fault? {
        await withCheckedContinuation { continuation in
            waiting.withLock { $0.append(Waiting(call: call, process: process, continuation: continuation)) }
        }
    }

    func take(_ index: Int) -> Waiting { waiting.withLock { $0.remove(at: index) } }
}
