/// Makes lines of the pieces in which a step's log arrives, however they are cut.
///
/// A value without a connection or a clock: pieces in, lines out. What it holds between two pieces is less than a line of the
/// greatest length and a secret.
public struct BuildLogReader: Sendable {
    /// The longest line, in bytes; a longer one is cut there.
    public static let longestLine = 65_536
    /// RFC 3339 with nine digits of a second and a time zone, and the space behind it.
    private static let longestTime = 36

    private let secrets: SecretValues
    private let mostHeld: Int
    /// The beginning of a line that has not ended.
    private var held: [UInt8] = []
    /// Which lines of a log that is read again were read before.
    private var position = Position()

    /// A reader of a log in which each line begins with its time and a space.
    public init(secrets: SecretValues = SecretValues()) {
        self.secrets = secrets
        mostHeld = Self.longestLine + Self.longestTime + secrets.longest + 1
    }

    /// The time of the last line that was read, if there is one: a log that broke off is read again from there.
    public var lastTime: ArraySlice<UInt8>? { position.time.isEmpty ? nil : position.time }

    /// The lines that end in a piece.
    public mutating func read(_ piece: [UInt8]) -> [BuildLogLine] {
        var lines: [BuildLogLine] = []
        var rest = piece[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let found = rest[..<end]
            rest = rest[(end + 1)...]
            if held.isEmpty {
                append(found, to: &lines)
            } else {
                hold(found)
                append(held[...], to: &lines)
                held = []
            }
        }
        hold(rest)
        return lines
    }

    /// The line that had not ended when the log did.
    public mutating func finish() -> [BuildLogLine] {
        var lines: [BuildLogLine] = []
        if !held.isEmpty { append(held[...], to: &lines) }
        held = []
        return lines
    }

    /// The log is read again, from `lastTime`, because it broke off: lines that were read before do not come twice.
    public mutating func readAgain() {
        held = []
        position.begin()
    }

    /// Of a line that is too long the end is dropped.
    private mutating func hold(_ bytes: ArraySlice<UInt8>) {
        guard held.count < mostHeld else { return }
        held += bytes.prefix(mostHeld - held.count)
    }

    private mutating func append(_ line: ArraySlice<UInt8>, to lines: inout [BuildLogLine]) {
        var (time, text) = Self.split(line)
        guard position.isNew(time) else { return }
        if text.last == UInt8(ascii: "\r") { text = text.dropLast() }
        let isCut = text.count > Self.longestLine
        lines.append(
            BuildLogLine(
                time: time, text: Self.repaired(secrets.hidden(in: text, upTo: Self.longestLine)), isCut: isCut))
    }

    /// A line's time and its text; a line that begins with no time has none.
    private static func split(_ line: ArraySlice<UInt8>) -> (time: ArraySlice<UInt8>, text: ArraySlice<UInt8>) {
        let head = line.prefix(longestTime)
        guard let first = head.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first),
            let space = head.firstIndex(of: UInt8(ascii: " ")), head[..<space].contains(UInt8(ascii: "T"))
        else { return ([], line) }
        return (line[..<space], line[(space + 1)...])
    }

    /// The text with U+FFFD in the place of what is not UTF-8.
    private static func repaired(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let isASCII = text.withUnsafeBufferPointer { bytes in bytes.allSatisfy { $0 < 0x80 } }
        if isASCII || String(validating: text, as: UTF8.self) != nil { return text }
        return Array(String(decoding: text, as: UTF8.self).utf8)[...]
    }

    /// How far a log was read, by the times of its lines: several may have the same.
    private struct Position: Sendable, Equatable {
        private(set) var time: ArraySlice<UInt8> = []
        /// How many lines with that time were read.
        private var count = 0
        /// How many of those are still to be passed over, of a log that is read again.
        private var left: Int?

        mutating func begin() { left = time.isEmpty ? nil : count }

        mutating func isNew(_ time: ArraySlice<UInt8>) -> Bool {
            guard !time.isEmpty else { return true }
            if let left {
                // All times of one log have the same form.
                if time.lexicographicallyPrecedes(self.time) { return false }
                if time == self.time, left > 0 {
                    self.left = left - 1
                    return false
                }
                self.left = nil
            }
            if time == self.time {
                count += 1
            } else {
                self.time = time
                count = 1
            }
            return true
        }
    }
}
