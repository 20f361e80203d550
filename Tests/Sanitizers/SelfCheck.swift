import Dispatch
import Foundation
import Synchronization

/// Cases that a sanitizer must report, and cases that it must not; the argument names one.
///
/// `ci/sanitize` checks the sanitizers with them before it relies on their having nothing to report.
@main
enum SelfCheck {
    static func main() async {
        switch CommandLine.arguments.last {
        // These are correct. The thread sanitizer knows so only by the annotations in this folder.
        case "mutex": contend()
        case "continuation":
            await resumeEarly { box, continuation in
                box.value += 1
                continuation.resume()
            }
        // These are faults.
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

    /// A value that any thread may change, without protection against concurrent changes.
    private final class Box: Sendable {
        nonisolated(unsafe) var value = 0  // Else the compiler refuses the race that the sanitizer has to report.
    }

    /// Many threads change one value under a lock, so often that they contend for it.
    private static func contend() {
        let box = Mutex(Box())
        DispatchQueue.concurrentPerform(iterations: 8) { _ in
            for _ in 0..<20_000 { box.withLock { $0.value += 1 } }
        }
    }

    /// The continuation is resumed before the task reaches its await.
    ///
    /// A relaxed atomic tells the sanitizer nothing about the order of events.
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
