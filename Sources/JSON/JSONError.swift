/// Why a text was not read as JSON, and where.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The rule that was broken.
    public enum Rule: Sendable, Equatable {
        /// Not RFC 8259's grammar.
        case syntax
        /// Not UTF-8, a byte order mark, or an escape that names half a surrogate pair.
        case encoding
        /// The same name twice in one object.
        case duplicateKey
        /// Deeper, or of more values, than the limits allow.
        case limit
        /// A number that the store would not give back with the same decimal value.
        case number
    }

    /// The rule that was broken.
    public let rule: Rule
    /// What is wrong, in a sentence for the author of the text, without the place.
    public let message: String
    /// The place, in bytes from the start of the text.
    public let offset: Int
    /// The line of that place, from 1.
    public let line: Int
    /// The place within its line, from 1, in Unicode scalars.
    public let column: Int

    /// An error at a byte of `text`.
    ///
    /// Line and column are counted here, once, when there is something to report.
    public init(_ rule: Rule, _ message: String, at offset: Int, in text: [UInt8]) {
        self.rule = rule
        self.message = message
        self.offset = offset
        let before = text.prefix(offset)
        let newline = UInt8(ascii: "\n")
        line = before.count { $0 == newline } + 1
        let lineStart = before.lastIndex(of: newline).map { $0 + 1 } ?? 0
        // A continuation byte (10xxxxxx) belongs to the scalar before it.
        column = before[lineStart...].count { $0 & 0xC0 != 0x80 } + 1
    }

    /// The place and what is wrong, for logs and for people.
    public var description: String { "line \(line), column \(column) (offset \(offset)): \(message)" }
}
