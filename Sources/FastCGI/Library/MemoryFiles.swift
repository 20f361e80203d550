import Glibc
import Synchronization

/// Files that are only memory, lent for as long as libfcgi reads or writes.
///
/// libfcgi works on a descriptor and blocks on it. On one of these it cannot block, and no peer is at its other end. A few
/// are kept, so that a process that has run out of descriptors still finishes the exchanges that it has begun.
final class MemoryFiles: Sendable {
    private static let kept = 16
    /// How many there are from the start: one for each of the machine's processors, and one for the thread that reads.
    static let ready = max(2, min(kept, sysconf(CInt(_SC_NPROCESSORS_ONLN)))) + 1
    private let state: Mutex<State>

    private struct State {
        var idle: [MemoryFile] = []
        var lent = 0
    }

    /// Opens as many as are usually lent at a time.
    init() throws(FastCGIError) {
        var state = State()
        for _ in 0..<Self.ready { state.idle.append(try MemoryFile()) }
        self.state = Mutex(state)
    }

    deinit { close() }

    /// Gives all files back to the system that are not lent; to be called when none is.
    func close() {
        state.withLock { state in
            for file in state.idle { file.close() }
            state.idle = []
        }
    }

    /// Lends a file to `body`, its position at 0, with nothing in it but zeros, which begin no record.
    ///
    /// - Parameter body: Says in the file whether it was closed.
    func withFile<Value>(_ body: (inout MemoryFile) throws(FastCGIError) -> Value) throws(FastCGIError) -> Value {
        var file = try borrow()
        defer { giveBack(&file) }
        return try body(&file)
    }

    /// One that is idle, or a new one; if the system has none left, the next that is given back, which is soon: nothing
    /// that is done with one waits.
    private func borrow() throws(FastCGIError) -> MemoryFile {
        while true {
            let idle: MemoryFile? = state.withLock { state in
                state.lent += 1
                return state.idle.popLast()
            }
            if let idle { return idle }
            do throws(FastCGIError) {
                return try MemoryFile()
            } catch {
                let isAlone = state.withLock { state in
                    state.lent -= 1
                    return state.lent == 0 && state.idle.isEmpty
                }
                if isAlone { throw error }
                sched_yield()
            }
        }
    }

    private func giveBack(_ file: inout MemoryFile) {
        // Cleared at once: nothing of one exchange stays for the next.
        let isUsable = file.descriptor >= 0 && file.clear()
        let isKept = state.withLock { [file] state in
            state.lent -= 1
            guard isUsable, state.idle.count < Self.kept else { return false }
            state.idle.append(file)
            return true
        }
        if !isKept { file.close() }
    }
}
