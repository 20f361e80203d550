import Dispatch
import Foundation
import Synchronization

/// What a sanitizer must report, and what it must not, by the name that is given.
///
/// `ci/sanitize` holds the sanitizers to it before it trusts their silence.
@main
enum SelfCheck {
    static func main() async {
        switch CommandLine.arguments.last {
        // Nothing is wrong with these, which the thread sanitizer sees only as it is told in this folder.
        case "mutex": contend()
        case "continuation":
            await resumeEarly { box, continuation in
                box.value += 1
                continuation.resume()
            }
        // These are wrong.
        case "race": race()
        case "race-beside-continuation":
            await resumeEarly { box, continuation in
                continuation.resume()
                box.value += 1
            }
        case "freed": readWhatWasFreed()
        case "leak": leak()
        default: exit(64)
        }
    }

    /// A value that any thread may change, with nothing that keeps it from being changed by two at a time.
    private final class Box: Sendable {
        nonisolated(unsafe) var value = 0
    }

    /// Many threads change one value under a lock, so often that they meet.
    private static func contend() {
        let box = Mutex(Box())
        DispatchQueue.concurrentPerform(iterations: 8) { _ in
            for _ in 0..<20_000 { box.withLock { $0.value += 1 } }
        }
    }

    /// The continuation is resumed before the task comes to its await.
    ///
    /// An atomic without an order tells the sanitizer nothing of what came before what.
    private static func resumeEarly(_ body: @escaping @Sendable (Box, UnsafeContinuation<Void, Never>) -> Void) async {
        for _ in 0..<100 {
            let box = Box()
            let state = Resumption()
            await withUnsafeContinuation { continuation in
                Thread.detachNewThread {
                    body(box, continuation)
                    state.hasEnded.store(true, ordering: .relaxed)
                }
                while !state.hasEnded.load(ordering: .relaxed) { sched_yield() }
            }
            box.value += 1
        }
    }

    private final class Resumption: Sendable {
        let hasEnded = Atomic(false)
    }

    private static func race() {
        let box = Box()
        DispatchQueue.concurrentPerform(iterations: 8) { _ in
            for _ in 0..<20_000 { box.value += 1 }
        }
    }

    private static func readWhatWasFreed() {
        let numbers = UnsafeMutablePointer<Int>.allocate(capacity: 4)
        numbers.initialize(repeating: 1, count: 4)
        numbers.deallocate()
        print(numbers[2])
    }

    private static func leak() {
        for _ in 0..<100 { UnsafeMutablePointer<Int>.allocate(capacity: 100).initialize(to: 1) }
    }
}
