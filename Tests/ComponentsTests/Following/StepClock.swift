import Foundation
import Synchronization

@testable import Components

/// A clock on which nobody's sleep ends before the test says so, or before it is cancelled.
final class StepClock: ClusterClock {
    private struct State {
        var sleepers: [Int: (duration: Duration, continuation: CheckedContinuation<Void, Never>)] = [:]
        var cancelled: Set<Int> = []
        var begun: [Duration: Int] = [:]
        var waiting: [(duration: Duration, count: Int, continuation: CheckedContinuation<Void, Never>)] = []
        var nextID = 0
        var now = Date(timeIntervalSince1970: 1_795_342_500)
    }

    private let state = Mutex(State())

    func now() -> Date { state.withLock { $0.now } }

    /// Lets the time of day pass; who sleeps goes on to sleep.
    func pass(_ seconds: Double) { state.withLock { $0.now += seconds } }

    func sleep(for duration: Duration) async {
        let id = state.withLock { state in
            defer { state.nextID += 1 }
            return state.nextID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let due = state.withLock { state -> [CheckedContinuation<Void, Never>] in
                    if state.cancelled.remove(id) != nil { return [continuation] }
                    state.sleepers[id] = (duration, continuation)
                    state.begun[duration, default: 0] += 1
                    let begun = state.begun
                    let reached = state.waiting.filter { begun[$0.duration, default: 0] >= $0.count }
                    state.waiting.removeAll { begun[$0.duration, default: 0] >= $0.count }
                    return reached.map(\.continuation)
                }
                for continuation in due { continuation.resume() }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                let sleeper = state.sleepers.removeValue(forKey: id)
                if sleeper == nil { state.cancelled.insert(id) }
                return sleeper
            }
            sleeper?.continuation.resume()
        }
    }

    /// Ends every sleep of that length.
    func wake(_ duration: Duration) {
        let sleepers = state.withLock { state in
            let due = state.sleepers.filter { $0.value.duration == duration }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values.map(\.continuation)
        }
        for sleeper in sleepers { sleeper.resume() }
    }

    /// Waits until that many sleeps of that length have begun since the start.
    func begun(_ duration: Duration, _ count: Int = 1) async {
        await withCheckedContinuation { continuation in
            let isReached = state.withLock { state in
                if state.begun[duration, default: 0] >= count { return true }
                state.waiting.append((duration, count, continuation))
                return false
            }
            if isReached { continuation.resume() }
        }
    }
}

/// Changes that a test tells.
final class ScriptedChanges: DeploymentChanges {
    private struct State {
        var isLive = true
        var subscriptions: [Int: (DeploymentIdentity, AsyncStream<Void>.Continuation)] = [:]
        var nextID = 0
    }

    private let state = Mutex(State())
    private let ends = AsyncStream.makeStream(of: Void.self)

    var isLive: Bool {
        get { state.withLock { $0.isLive } }
        set { state.withLock { $0.isLive = newValue } }
    }

    /// How many deployments are followed.
    var count: Int { state.withLock { $0.subscriptions.count } }

    func changes(of deployment: DeploymentIdentity) -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let id = state.withLock { state in
            defer { state.nextID += 1 }
            state.subscriptions[state.nextID] = (deployment, continuation)
            return state.nextID
        }
        continuation.onTermination = { _ in
            self.state.withLock { _ = $0.subscriptions.removeValue(forKey: id) }
            self.ends.continuation.yield()
        }
        return stream
    }

    /// Tells that a deployment may have changed.
    func tell(_ id: String) {
        let told = state.withLock { state in state.subscriptions.values.filter { $0.0.id == id }.map(\.1) }
        for continuation in told { continuation.yield() }
    }

    /// Waits until a subscription has ended that was not waited for before.
    func ended() async {
        var iterator = ends.stream.makeAsyncIterator()
        await iterator.next()
    }
}
