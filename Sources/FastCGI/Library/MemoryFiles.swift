import CFastCGI
import Glibc
import Synchronization

/// Files that are only memory, lent for as long as libfcgi reads or writes.
///
/// libfcgi works on a descriptor and blocks on it. On one of these it cannot block, and no peer is at its other end. A few
/// are kept, so that a process that has run out of descriptors still answers what it has begun.
final class MemoryFiles: Sendable {
    private static let kept = 16
    private let idle: Mutex<[CInt]>

    /// Opens as many as the machine has processors, which is how many can be lent at a time.
    init() throws(FastCGIError) {
        var files: [CInt] = []
        for _ in 0..<max(2, min(Self.kept, sysconf(CInt(_SC_NPROCESSORS_ONLN)))) { files.append(try Self.open()) }
        idle = Mutex(files)
    }

    deinit { idle.withLock { $0.forEach { _ = close($0) } } }

    /// Lends an empty file, its position at 0, to `body`.
    ///
    /// - Parameter body: Sets the descriptor to -1 if it was closed: the number may be somebody else's by then.
    func withFile<Value>(_ body: (inout CInt) throws(FastCGIError) -> Value) throws(FastCGIError) -> Value {
        var file: CInt
        if let kept = idle.withLock({ $0.popLast() }) {
            file = kept
        } else {
            file = try Self.open()
        }
        defer { if file >= 0 { giveBack(file) } }
        return try body(&file)
    }

    private func giveBack(_ file: CInt) {
        // Emptied at once: nothing of one exchange stays for the next.
        guard ftruncate(file, 0) == 0, lseek(file, 0, SEEK_SET) == 0 else {
            _ = close(file)
            return
        }
        let isKept = idle.withLock { files in
            guard files.count < Self.kept else { return false }
            files.append(file)
            return true
        }
        if !isKept { _ = close(file) }
    }

    private static func open() throws(FastCGIError) -> CInt {
        let file = memfd_create("fastcgi", CFastCGI_MFD_CLOEXEC)
        guard file >= 0 else { throw .system("memfd_create", "making a file in memory") }
        return file
    }
}
