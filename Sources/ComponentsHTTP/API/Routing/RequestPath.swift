/// The path of a request target, split and decoded once (RFC 3986, section 3.3).
///
/// Routing and authorisation read this one result, so they cannot disagree about a path.
struct RequestPath: Equatable {
    /// The decoded segments; none for `/`.
    let segments: [String]

    /// Reads a request target in origin-form (RFC 9112, section 3.2.1) as it was sent.
    ///
    /// The query is cut off: `Query` reads it. A path that two readers could read differently is
    /// refused rather than normalised: empty segments (so `//` and a slash at the end), `.` and `..`, an encoded
    /// `/` or `\`, control characters, text that is not UTF-8, anything beyond ASCII that is not percent-encoded. So are
    /// absolute-form targets, which nginx never hands over.
    init(target: String) throws(RequestFault) {
        let path = Array(target.utf8.prefix { $0 != UInt8(ascii: "?") })
        guard path.first == UInt8(ascii: "/") else { throw .invalidPath("it must begin with a slash") }
        guard path.count > 1 else {
            segments = []
            return
        }
        var segments: [String] = []
        for (index, raw) in path.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .enumerated()
        {
            do throws(SegmentFault) {
                segments.append(try Self.decode(raw))
            } catch {
                throw .invalidPath("segment \(index + 1) \(error.rawValue)")
            }
        }
        self.segments = segments
    }

    /// What is wrong with a segment, in words that fit behind its number.
    private enum SegmentFault: String, Error {
        case empty = "is empty: no double slash, and none at the end"
        case escape = "has a % that two hexadecimal digits do not follow"
        case delimiter = "has an encoded slash or a backslash"
        case control = "has a control character"
        case dots = "is . or .."
        case notASCII = "has a space, or a character beyond ASCII, that is not percent-encoded"
        case notUTF8 = "is not UTF-8"
    }

    private static func decode(_ raw: ArraySlice<UInt8>) throws(SegmentFault) -> String {
        guard !raw.isEmpty else { throw .empty }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(raw.count)
        var iterator = raw.makeIterator()
        while let byte = iterator.next() {
            var decoded = byte
            if byte == UInt8(ascii: "%") {
                guard let high = iterator.next()?.hexDigitValue, let low = iterator.next()?.hexDigitValue else {
                    throw .escape
                }
                decoded = high << 4 | low
                guard decoded != UInt8(ascii: "/") else { throw .delimiter }
            } else if byte >= 0x80 || byte == UInt8(ascii: " ") {
                throw .notASCII
            }
            guard decoded != UInt8(ascii: "\\") else { throw .delimiter }
            bytes.append(decoded)
        }
        guard let segment = String(validating: bytes, as: UTF8.self) else { throw .notUTF8 }
        // NUL to 1F, 7F, and the C1 controls, which are the two-byte sequences C2 80 to C2 9F. The Unicode property is read only of text that is
        // not plain, because that lookup costs more than everything else here.
        guard
            bytes.allSatisfy({ (0x20..<0x7F).contains($0) })
                || !segment.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        else {
            throw .control
        }
        guard segment != ".", segment != ".." else { throw .dots }
        return segment
    }
}
