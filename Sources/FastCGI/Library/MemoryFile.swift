import CFastCGI
import Glibc

/// A file that is only memory, for libfcgi to read from or to write to.
///
/// Its first bytes are mapped as well (memfd_create(2), mmap(2)): what is short, as nearly all is, goes in and out without
/// a system call. None of its pages is given back when it is cleared, which would cost more than all else that is done
/// with it.
struct MemoryFile: Sendable {
    /// How much is mapped: a whole number of pages.
    private static let mappedLength = 16_384

    /// -1 if it was closed: the number may belong to another file by then.
    var descriptor: CInt
    /// How many bytes from the start may hold something of an exchange, which no other must see; all, unless it is known.
    private var usedLength = Int.max
    /// Where its first bytes are mapped.
    // A pointer is not Sendable. Only the exchange to which MemoryFiles lends the file uses this one.
    private nonisolated(unsafe) let memory: UnsafeMutableRawPointer  // One user at a time.

    /// A new one, all zeros.
    init() throws(FastCGIError) {
        descriptor = memfd_create("fastcgi", CFastCGI_MFD_CLOEXEC)
        guard descriptor >= 0 else { throw .system("memfd_create", "making a file in memory") }
        do throws(FastCGIError) {
            memory = try Self.mapped(descriptor)
        } catch {
            _ = Glibc.close(descriptor)
            throw error
        }
    }

    /// Maps the beginning of an empty file.
    ///
    /// Zeros are written first: to read behind a file's end is SIGBUS, and so is a page for which no memory is left.
    /// From then on the file has these pages, and is never shorter.
    private static func mapped(_ descriptor: CInt) throws(FastCGIError) -> UnsafeMutableRawPointer {
        let zeros = [UInt8](repeating: 0, count: mappedLength)
        guard pwrite(descriptor, zeros, mappedLength, 0) == mappedLength else {
            throw .system("pwrite", "making a file in memory")
        }
        let address = mmap(nil, mappedLength, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
        guard let address, address != MAP_FAILED else { throw .system("mmap", "mapping a file in memory") }
        return address
    }

    /// Writes bytes at the start, where its position stays.
    mutating func put(_ bytes: [UInt8]) throws(FastCGIError) {
        usedLength = bytes.count
        if bytes.count <= Self.mappedLength {
            bytes.withUnsafeBytes { memory.copyMemory(from: $0) }
        } else {
            guard pwrite(descriptor, bytes, bytes.count, 0) == bytes.count else {
                throw .system("pwrite", "handing a request to libfcgi")
            }
        }
    }

    /// What was written from the start up to its position.
    mutating func takeWritten() throws(FastCGIError) -> [UInt8] {
        let length = Int(lseek(descriptor, 0, SEEK_CUR))
        guard length >= 0 else { throw .system("lseek", "taking a response from libfcgi") }
        usedLength = length
        guard length > Self.mappedLength else {
            return [UInt8](UnsafeRawBufferPointer(start: memory, count: length))
        }
        let bytes = [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
            count = max(0, pread(descriptor, buffer.baseAddress, length, 0))
        }
        guard bytes.count == length else { throw .system("pread", "taking a response from libfcgi") }
        return bytes
    }

    /// Makes it as it was when it was new; false if that was not possible: it must not be used again.
    mutating func clear() -> Bool {
        memset(memory, 0, min(usedLength, Self.mappedLength))
        guard usedLength <= Self.mappedLength || ftruncate(descriptor, Self.mappedLength) == 0 else { return false }
        usedLength = Int.max
        return lseek(descriptor, 0, SEEK_SET) == 0
    }

    /// Gives it back to the system.
    func close() {
        munmap(memory, Self.mappedLength)
        if descriptor >= 0 { _ = Glibc.close(descriptor) }
    }
}

extension UnsafeMutableRawPointer {
    fileprivate func copyMemory(from bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        copyMemory(from: start, byteCount: bytes.count)
    }
}
