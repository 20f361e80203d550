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
    private let idle: Mutex<[CInt]>

    /// Opens as many as the machine has processors, which is how many can be lent at a time.
    init() throws(FastCGIError) {
        var files: [CInt] = []
        for _ in 0..<max(2, min(Self.kept, sysconf(CInt(_SC_NPROCESSORS_ONLN)))) { files.append(try Self.open()) }
        idle = Mutex(files)
    }

    deinit { idle.withLock { $0.forEach { _ = close($0) } } }

    /// Lends a file to `body`, its position at 0, with nothing in it but perhaps zeros, which begin no record.
    ///
    /// - Parameter body: Says in the file how much of it was used, and whether it was closed.
    func withFile<Value>(_ body: (inout MemoryFile) throws(FastCGIError) -> Value) throws(FastCGIError) -> Value {
        var file: MemoryFile
        if let kept = idle.withLock({ $0.popLast() }) {
            file = MemoryFile(descriptor: kept)
        } else {
            file = MemoryFile(descriptor: try Self.open())
        }
        defer { if file.descriptor >= 0 { giveBack(file) } }
        return try body(&file)
    }

    private func giveBack(_ file: MemoryFile) {
        // Cleared at once: nothing of one exchange stays for the next.
        guard Self.clear(file), lseek(file.descriptor, 0, SEEK_SET) == 0 else {
            _ = close(file.descriptor)
            return
        }
        let isKept = idle.withLock { files in
            guard files.count < Self.kept else { return false }
            files.append(file.descriptor)
            return true
        }
        if !isKept { _ = close(file.descriptor) }
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
