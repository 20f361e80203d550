/// Why a text was not read as YAML, and where.
public struct YAMLError: Error, Equatable, CustomStringConvertible {
    /// What is wrong and, where there is something, what to do: a sentence without its full stop.
    public let message: String
    /// The line, from 1.
    public let line: Int
    /// The place within the line, from 1, in Unicode scalars.
    public let column: Int

    /// An error at a place.
    init(_ message: String, line: Int, column: Int) {
        self.message = message
        self.line = line
        self.column = column
    }

    /// An error at a byte of `text`, whose line is counted here, once.
    init(_ message: String, at offset: Int, in text: [UInt8]) {
        var line = 1
        var lineStart = 0
        for index in 0..<offset {
            let isBreak =
                text[index] == UInt8(ascii: "\n")
                || text[index] == UInt8(ascii: "\r") && !text[index...].starts(with: "\r\n".utf8)
            guard isBreak else { continue }
            line += 1
            lineStart = index + 1
        }
        // A continuation byte (10xxxxxx) belongs to the scalar before it.
        let column = text[lineStart..<offset].count { $0 & 0xC0 != 0x80 } + 1
        self.init(message, line: line, column: column)
    }

    /// The place and the message.
    public var description: String { "line \(line), column \(column): \(message)" }
}
