/// Cuts a stream of bytes into lines, however the pieces are cut.
struct LineBuffer: Sendable {
    /// A line is longer than the limit.
    struct TooLong: Error {}

    private static let newline = UInt8(ascii: "\n")

    private let limit: Int
    private var bytes: [UInt8] = []
    /// Where the unread bytes begin.
    private var start = 0
    /// Up to here no newline was found.
    private var scanned = 0

    /// A buffer for lines of at most `limit` bytes.
    init(limit: Int) { self.limit = limit }

    /// Whether it holds part of a line.
    var hasRest: Bool { start < bytes.count }

    /// Adds a piece of the stream.
    mutating func append(_ piece: [UInt8]) {
        if start == bytes.count {
            (bytes, start, scanned) = (piece, 0, 0)
            return
        }
        if start > 0 {
            bytes.removeFirst(start)
            scanned -= start
            start = 0
        }
        bytes += piece
    }

    /// The next whole line without its newline; `nil` until more bytes come.
    ///
    /// - Throws: `TooLong`, also for a line that is not whole yet.
    mutating func next() throws(TooLong) -> [UInt8]? {
        guard let end = bytes[scanned...].firstIndex(of: Self.newline) else {
            scanned = bytes.count
            guard bytes.count - start <= limit else { throw TooLong() }
            return nil
        }
        guard end - start <= limit else { throw TooLong() }
        let line = Array(bytes[start..<end])
        start = end + 1
        scanned = start
        return line
    }
}
