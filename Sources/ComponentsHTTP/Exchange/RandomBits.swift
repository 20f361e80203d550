import Glibc
import Synchronization

/// Random bits from the system, asked for many at a time: each question is a system call, and each request that comes
/// without an id of its own needs some.
enum RandomBits {
    private static let pool = Mutex<[UInt64]>([])
    /// 256 bytes are the most that getentropy(3) gives.
    private static let count = 32

    /// 64 bits that nobody has got before.
    static func next() -> UInt64 {
        pool.withLock { pool in
            if pool.isEmpty {
                pool = [UInt64](unsafeUninitializedCapacity: count) { buffer, filled in
                    filled = getentropy(buffer.baseAddress, count * 8) == 0 ? count : 0
                }
            }
            return pool.popLast() ?? .random(in: .min ... .max)
        }
    }
}
