/// Checks the name-value pairs of a PARAMS stream while it grows (specification 1.0, section 3.4).
///
/// A length that cannot fit is refused as soon as it is seen: libfcgi would allocate what it announces, and its sum of two
/// lengths overflows.
struct ParameterScanner {
    /// The parameters that decide whose request it is and what it asks for: a second one of the same name is ambiguous.
    private static let unambiguous: [[UInt8]] = [
        "SSL_CLIENT_VERIFY", "SSL_CLIENT_S_DN", "URL_PREFIX", "CONTENT_LENGTH", "REQUEST_METHOD", "REQUEST_URI",
    ].map { Array($0.utf8) }

    private let maximumBytes: Int
    private let maximumCount: Int
    /// Where the first pair begins that has not been seen whole.
    private var offset = 0
    private var count = 0
    /// One bit for each name of `unambiguous` that was seen.
    private var seen = 0

    init(maximumBytes: Int, maximumCount: Int) {
        self.maximumBytes = maximumBytes
        self.maximumCount = maximumCount
    }

    /// Checks every pair that is complete in `bytes`, which holds the stream so far.
    mutating func advance(over bytes: [UInt8]) throws(RecordFault) {
        while offset < bytes.count {
            var next = offset
            guard let nameLength = Self.length(in: bytes, at: &next),
                let valueLength = Self.length(in: bytes, at: &next)
            else { break }
            // Both are below 2^31: the sum fits an Int.
            let end = next + nameLength + valueLength
            guard end <= maximumBytes else { throw .parameterBytes }
            guard end <= bytes.count else { return }
            try check(name: bytes[next..<next + nameLength])
            guard !bytes[(next + nameLength)..<end].contains(0) else { throw .parameterValue }
            count += 1
            guard count <= maximumCount else { throw .parameterCount }
            offset = end
        }
        // Last, so that the first fault of the stream is found however it was cut into pieces.
        guard bytes.count <= maximumBytes else { throw .parameterBytes }
    }

    /// Checks that the stream may end here: a cut within a pair is not a shorter environment, but none.
    func end(of bytes: [UInt8]) throws(RecordFault) {
        guard offset == bytes.count else { throw .parameterTruncated }
    }

    private mutating func check(name: ArraySlice<UInt8>) throws(RecordFault) {
        // libfcgi joins name and value with '=' into a C string: a name that holds one would be read as another name. And
        // to Swift two names may be equal whose bytes are not (the Kelvin sign and K): hence visible ASCII only.
        guard !name.isEmpty, name.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "=") }) else {
            throw .parameterName
        }
        guard let index = Self.unambiguous.firstIndex(where: { $0.count == name.count && name.elementsEqual($0) })
        else {
            return
        }
        guard seen & (1 << index) == 0 else { throw .parameterTwice }
        seen |= 1 << index
    }

    /// One length: a byte below 128, or four bytes of which the first has its highest bit set; `nil` if it is not there yet.
    private static func length(in bytes: [UInt8], at position: inout Int) -> Int? {
        guard position < bytes.count else { return nil }
        let first = bytes[position]
        guard first >= 0x80 else {
            position += 1
            return Int(first)
        }
        guard position + 4 <= bytes.count else { return nil }
        let length = bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) } & 0x7FFF_FFFF
        position += 4
        return length
    }
}
