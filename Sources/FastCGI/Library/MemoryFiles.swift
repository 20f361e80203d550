import CFastCGI
import Glibc
import Synchronization

/// A file that is only memory.
struct MemoryFile {
    /// -1 if it was closed: the number may be somebody else's by then.
    var descriptor: CInt
    /// How many bytes from the start may hold something that nobody else must see; all, unless it is said.
    var usedLength = Int.max
}

/// Files that are only memory, lent for as long as libfcgi reads or writes.
///
/// libfcgi works on a descriptor and blocks on it. On one of these it cannot block, and no peer is at its other end. A few
/// are kept, so that a process that has run out of descriptors still answers what it has begun.
final class MemoryFiles: Sendable {
    private static let kept = 16
    /// What short contents are overwritten with: to give a page back and get another costs more than all else that is
    /// done with a file.
    private static let zeros = [UInt8](repeating: 0, count: 16_384)
    /// How many there are from the start: one for each of the machine's processors, and one for the thread that reads.
    static let ready = max(2, min(kept, sysconf(CInt(_SC_NPROCESSORS_ONLN)))) + 1
    private let state: Mutex<State>

    private struct State {
        var idle: [CInt] = []
        var lent = 0
    }

    /// Opens as many as are usually lent at a time.
    init() throws(FastCGIError) {
        var state = State()
        for _ in 0..<Self.ready { state.idle.append(try Self.open()) }
        self.state = Mutex(state)
    }

    deinit { state.withLock { $0.idle.forEach { _ = close($0) } } }

    /// Lends a file to `body`, its position at 0, with nothing in it but perhaps zeros, which begin no record.
    ///
    /// - Parameter body: Says in the file how much of it was used, and whether it was closed.
    func withFile<Value>(_ body: (inout MemoryFile) throws(FastCGIError) -> Value) throws(FastCGIError) -> Value {
        var file = MemoryFile(descriptor: try borrow())
        defer { giveBack(file) }
        return try body(&file)
    }

    /// One that is idle, or a new one; if the system has none left, the next that is given back, which is soon: nothing
    /// that is done with one waits.
    private func borrow() throws(FastCGIError) -> CInt {
        while true {
            let idle: CInt? = state.withLock { state in
                state.lent += 1
                return state.idle.popLast()
            }
            if let idle { return idle }
            do throws(FastCGIError) {
                return try Self.open()
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

    private func giveBack(_ file: MemoryFile) {
        // Cleared at once: nothing of one exchange stays for the next.
        let isUsable = file.descriptor >= 0 && Self.clear(file) && lseek(file.descriptor, 0, SEEK_SET) == 0
        let isKept = state.withLock { state in
            state.lent -= 1
            guard isUsable, state.idle.count < Self.kept else { return false }
            state.idle.append(file.descriptor)
            return true
        }
        if !isKept, file.descriptor >= 0 { _ = close(file.descriptor) }
    }

    private static func clear(_ file: MemoryFile) -> Bool {
        guard file.usedLength <= zeros.count else { return ftruncate(file.descriptor, 0) == 0 }
        return pwrite(file.descriptor, zeros, file.usedLength, 0) == file.usedLength
    }

    private static func open() throws(FastCGIError) -> CInt {
        let file = memfd_create("fastcgi", CFastCGI_MFD_CLOEXEC)
        guard file >= 0 else { throw .system("memfd_create", "making a file in memory") }
        return file
    }
}
