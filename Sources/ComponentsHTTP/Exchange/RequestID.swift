import Glibc
import HTTPTypes
import Synchronization

/// The id of one exchange, in its response and in every log line about it.
struct RequestID: Equatable, CustomStringConvertible {
    /// The longest id that is accepted from a client.
    static let maximumLength = 64

    let description: String

    /// The id that the client sent if it is well-formed (`[A-Za-z0-9._-]{1,64}`), else a new one.
    init(_ head: HTTPRequest) {
        if let given = head.headerFields[.requestID], Self.isWellFormed(given) {
            self.init(given)
        } else {
            self.init()
        }
    }

    private init(_ wellFormed: String) { description = wellFormed }

    /// A new id: 128 random bits in hexadecimal.
    init() {
        self.init(
            String(unsafeUninitializedCapacity: 32) { digits in
                for half in 0..<2 {
                    var bits = RandomBits.next()
                    for place in 0..<16 {
                        let digit = UInt8(truncatingIfNeeded: bits & 0xF)
                        digits[16 * half + place] = digit + (digit < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10)
                        bits >>= 4
                    }
                }
                return 32
            })
    }

    /// Whether an id is safe in a header field and in a log line.
    static func isWellFormed(_ text: String) -> Bool {
        (1...maximumLength).contains(text.utf8.count)
            && text.utf8.allSatisfy { $0.isURIUnreserved && $0 != UInt8(ascii: "~") }
    }
}

/// Random bits from the system.
///
/// Many are read at a time, because each read is a system call.
private enum RandomBits {
    private static let pool = Mutex<[UInt64]>([])
    /// 256 bytes are the most that getentropy(3) gives.
    private static let count = 32

    /// 64 new bits.
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

extension UInt8 {
    /// RFC 3986, section 2.3: `ALPHA / DIGIT / "-" / "." / "_" / "~"`.
    var isURIUnreserved: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }

    /// The value of an ASCII hexadecimal digit, or `nil`.
    var hexDigitValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
