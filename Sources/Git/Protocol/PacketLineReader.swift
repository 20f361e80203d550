/// Reads git's pkt-lines (gitprotocol-common(5)) from bytes that arrive in pieces.
///
/// A value without input or output: bytes go in, packets come out. Everything is limited, because the bytes come from
/// a host that a stranger chose.
struct PacketLineReader {
    /// One packet.
    enum Packet: Equatable {
        /// A line with a payload, as it was sent: most end with a line feed.
        case data([UInt8])
        /// `0000`.
        case flush
        /// `0001`.
        case delimiter
        /// `0002`.
        case responseEnd
    }

    /// Why the bytes are not pkt-lines.
    enum Fault: Error, Equatable {
        /// A length that is not four hexadecimal digits, or is 3.
        case invalidLength
        /// More bytes than the limit.
        case tooLong(limit: Int)
        /// The bytes end within a packet.
        case truncated
    }

    /// The most bytes that are read in all.
    let limit: Int
    private var buffer: [UInt8] = []
    private var bytesRead = 0

    /// A reader of at most `limit` bytes.
    init(limit: Int) {
        self.limit = limit
    }

    /// The packets that are complete once these bytes have arrived.
    mutating func read(_ bytes: some Sequence<UInt8>) throws(Fault) -> [Packet] {
        let before = buffer.count
        buffer.append(contentsOf: bytes)
        bytesRead += buffer.count - before
        guard bytesRead <= limit else { throw .tooLong(limit: limit) }
        var packets: [Packet] = []
        var rest = ArraySlice(buffer)
        while rest.count >= 4 {
            let length = try Self.length(rest.prefix(4))
            switch length {
            case 0: packets.append(.flush)
            case 1: packets.append(.delimiter)
            case 2: packets.append(.responseEnd)
            case 3: throw .invalidLength
            default:
                guard rest.count >= length else {
                    buffer = Array(rest)
                    return packets
                }
                packets.append(.data(Array(rest.prefix(length).dropFirst(4))))
            }
            rest = rest.dropFirst(max(length, 4))
        }
        buffer = Array(rest)
        return packets
    }

    /// Checks that the bytes ended at the end of a packet.
    func finish() throws(Fault) {
        guard buffer.isEmpty else { throw .truncated }
    }

    /// The packet of a payload as it is sent.
    static func packet(_ text: String) -> [UInt8] {
        let length = String(text.utf8.count + 4, radix: 16)
        return Array((String(repeating: "0", count: max(0, 4 - length.utf8.count)) + length + text).utf8)
    }

    private static func length(_ digits: ArraySlice<UInt8>) throws(Fault) -> Int {
        var length = 0
        for byte in digits {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else { throw .invalidLength }
            length = length << 4 | digit
        }
        return length
    }
}
