/// How much of a text a reader accepts.
public struct JSONLimits: Sendable, Equatable {
    /// How deep arrays and objects may be nested; `[]` is one level.
    public var depth: Int
    /// How many values the text may hold, the outermost one, every element and every member counted.
    public var values: Int
    /// Whether a number whose decimal value the cluster would not give back is refused (`JSONNumber.survivesStorage`).
    public var refusesInexactNumbers: Bool

    /// Other limits; `depth` is cut to 1,000, because the reader recurses.
    public init(depth: Int, values: Int, refusesInexactNumbers: Bool) {
        self.depth = min(depth, 1_000)
        self.values = values
        self.refusesInexactNumbers = refusesInexactNumbers
    }

    /// What a client may send: 64 levels, 10,000 values, every number exact.
    public static let request = JSONLimits(depth: 64, values: 10_000, refusesInexactNumbers: true)
    /// What is read of a response of the API server, whose length is limited already.
    public static let trusted = JSONLimits(depth: 512, values: 4_000_000, refusesInexactNumbers: false)
}

extension JSONValue {
    /// Reads one JSON text (RFC 8259), in time linear in its length.
    ///
    /// Strict where the RFC leaves a choice: UTF-8 without a byte order mark, no duplicate name in an object (compared by
    /// bytes, escapes resolved), no half of a surrogate pair, only white space after the value.
    ///
    /// - Throws: `JSONError` with the first rule broken and its place.
    public init(parsing text: [UInt8], limits: JSONLimits = .request) throws(JSONError) {
        var reader = try JSONReader(text: text, limits: limits)
        self = try reader.document()
    }

    /// Reads one JSON text, and where its values stand: the offsets of the whole, of each member and of each element, each
    /// before those of what it holds.
    static func read(
        _ text: [UInt8], limits: JSONLimits
    ) throws(JSONError) -> (value: JSONValue, offsets: [Int]) {
        var reader = try JSONReader(text: text, limits: limits)
        reader.notesOffsets = true
        let value = try reader.document()
        return (value, reader.offsets)
    }
}

/// One pass over the text; `position` only ever grows.
private struct JSONReader {
    let text: [UInt8]
    let limits: JSONLimits
    var position = 0
    var valuesLeft: Int
    /// Whether it is to be known where the values stand.
    var notesOffsets = false
    /// Where they stand, in the order of the text.
    private(set) var offsets: [Int] = []

    init(text: [UInt8], limits: JSONLimits) throws(JSONError) {
        if let fault = text.encodingFault { throw JSONError(.encoding, fault.message, at: fault.offset, in: text) }
        self.text = text
        self.limits = limits
        valuesLeft = limits.values
    }

    mutating func document() throws(JSONError) -> JSONValue {
        skipWhiteSpace()
        guard position < text.count else { throw error(.syntax, "the text is empty: a JSON value is expected") }
        note(position)
        let value = try value(depth: 0)
        skipWhiteSpace()
        guard position == text.count else { throw error(.syntax, "only white space may follow the value") }
        return value
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        valuesLeft -= 1
        guard valuesLeft >= 0 else { throw error(.limit, "more than \(limits.values) values") }
        switch peek {
        case UInt8(ascii: "{"):
            return .object(try object(depth: depth + 1))
        case UInt8(ascii: "["):
            return .array(try array(depth: depth + 1))
        case UInt8(ascii: "\""):
            return .string(try string())
        case UInt8(ascii: "t"):
            try word("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try word("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try word("null")
            return .null
        case let byte? where byte == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte):
            return .number(try number())
        case nil:
            throw error(.syntax, "the text ends where a value is expected")
        case UInt8(ascii: "'"):
            throw error(.syntax, "JSON writes strings in double quotes")
        case UInt8(ascii: "/"), UInt8(ascii: "#"):
            throw error(.syntax, "JSON has no comments")
        default:
            throw error(.syntax, "a value is expected here")
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONObject {
        try enter(depth)
        var members: [JSONObject.Member] = []
        var names = UniqueNames()
        if consume(UInt8(ascii: "}")) { return JSONObject() }
        // Most objects have two members or more.
        members.reserveCapacity(2)
        while true {
            guard peek == UInt8(ascii: "\"") else { throw error(.syntax, nameExpected) }
            let start = position
            note(start)
            let name = try string()
            guard isNew(name, beside: members, &names) else {
                throw error(.duplicateKey, "the key \(name.quotedForMessage) is a duplicate: give it once", at: start)
            }
            skipWhiteSpace()
            guard consume(UInt8(ascii: ":")) else { throw error(.syntax, "':' is expected after a name") }
            members.append((name, try value(depth: depth)))
            skipWhiteSpace()
            if consume(UInt8(ascii: "}")) { return JSONObject(unique: members) }
            guard consume(UInt8(ascii: ",")) else { throw error(.syntax, "',' or '}' is expected here") }
        }
    }

    /// Whether no member has that name; among few of them a search is cheaper than a list of names beside theirs.
    private func isNew(_ name: String, beside members: [JSONObject.Member], _ names: inout UniqueNames) -> Bool {
        guard members.count >= UniqueNames.few else { return members.firstIndex(named: name) == nil }
        if members.count == UniqueNames.few {
            for member in members { _ = names.insert(member.key) }
        }
        return names.insert(name)
    }

    private var nameExpected: String {
        peek == UInt8(ascii: "}") ? "JSON allows no comma before '}'" : "a name in double quotes is expected here"
    }

    private mutating func array(depth: Int) throws(JSONError) -> [JSONValue] {
        try enter(depth)
        var elements: [JSONValue] = []
        if consume(UInt8(ascii: "]")) { return elements }
        while true {
            guard peek != UInt8(ascii: "]") else { throw error(.syntax, "JSON allows no comma before ']'") }
            note(position)
            elements.append(try value(depth: depth))
            skipWhiteSpace()
            if consume(UInt8(ascii: "]")) { return elements }
            guard consume(UInt8(ascii: ",")) else { throw error(.syntax, "',' or ']' is expected here") }
        }
    }

    /// Reads the bracket that opens an array or object.
    private mutating func enter(_ depth: Int) throws(JSONError) {
        guard depth <= limits.depth else { throw error(.limit, "nested deeper than \(limits.depth) levels") }
        position += 1
        skipWhiteSpace()
    }

    private mutating func number() throws(JSONError) -> JSONNumber {
        guard let length = JSONNumberGrammar.length(in: text[position...]) else {
            throw error(.syntax, "this is not a number as JSON writes one")
        }
        let end = position + length
        let number = JSONNumber(checked: String(decoding: text[position..<end], as: UTF8.self))
        guard !limits.refusesInexactNumbers || number.survivesStorage else {
            throw error(
                .number,
                "the number \(number.literal.prefix(40)) cannot be stored exactly: write it as a string, in quotes")
        }
        position = end
        return number
    }

    private mutating func string() throws(JSONError) -> String {
        let start = position
        position += 1
        var result = ""
        var plainStart = position
        while true {
            skipPlain()
            guard let byte = peek else { throw error(.syntax, "this string is never closed", at: start) }
            switch byte {
            case UInt8(ascii: "\""):
                let plain = text[plainStart..<position]
                position += 1
                return result.isEmpty
                    ? String(decoding: plain, as: UTF8.self) : result + String(decoding: plain, as: UTF8.self)
            case UInt8(ascii: "\\"):
                result += String(decoding: text[plainStart..<position], as: UTF8.self)
                result.unicodeScalars.append(try escape())
                plainStart = position
            default:
                throw error(.syntax, "a control character in a string must be written as an escape")
            }
        }
    }

    /// Skips what stands for itself in a string.
    private mutating func skipPlain() {
        let rest = text[position...]
        position = rest.firstIndex { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") } ?? text.count
    }

    private mutating func escape() throws(JSONError) -> Unicode.Scalar {
        let start = position
        position += 1
        let byte = peek
        position += 1
        switch byte {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape(start: start)
        default: throw error(.syntax, "JSON has no such escape", at: start)
        }
    }

    private mutating func unicodeEscape(start: Int) throws(JSONError) -> Unicode.Scalar {
        let first = try codeUnit(start: start)
        // A scalar exists for every code unit that is not a surrogate.
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard UTF16.isLeadSurrogate(UInt16(first)), text[position...].starts(with: [0x5C, 0x75]) else {
            throw error(.encoding, "this escape is half of a surrogate pair", at: start)
        }
        position += 2
        let second = try codeUnit(start: start)
        guard UTF16.isTrailSurrogate(UInt16(second)),
            let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
        else {
            throw error(.encoding, "this escape is half of a surrogate pair", at: start)
        }
        return scalar
    }

    private mutating func codeUnit(start: Int) throws(JSONError) -> UInt32 {
        let digits = text[position...].prefix(4)
        var unit: UInt32 = 0
        for byte in digits {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { break }
            unit = unit << 4 | UInt32(digit)
            position += 1
        }
        guard position == digits.startIndex + 4 else {
            throw error(.syntax, "four hexadecimal digits are expected after \\u", at: start)
        }
        return unit
    }

    private mutating func word(_ word: StaticString) throws(JSONError) {
        let bytes = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
        guard text[position...].starts(with: bytes) else { throw error(.syntax, "a value is expected here") }
        position += bytes.count
    }

    private mutating func note(_ offset: Int) {
        if notesOffsets { offsets.append(offset) }
    }

    private var peek: UInt8? { position < text.count ? text[position] : nil }

    private mutating func consume(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        position += 1
        skipWhiteSpace()
        return true
    }

    private mutating func skipWhiteSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private func error(_ rule: JSONError.Rule, _ message: String, at offset: Int? = nil) -> JSONError {
        JSONError(rule, message, at: offset ?? position, in: text)
    }
}

extension Array<UInt8> {
    /// What keeps the bytes from being plain UTF-8 text, with its offset; `nil` if they are.
    public var encodingFault: (message: String, offset: Int)? {
        if starts(with: [0xEF, 0xBB, 0xBF]) { return ("a byte order mark is not allowed: send UTF-8 without one", 0) }
        // The first character of a document is ASCII, so that one of its two bytes is zero.
        if starts(with: [0xFE, 0xFF]) || starts(with: [0xFF, 0xFE]) || count > 1 && (self[0] == 0) != (self[1] == 0) {
            return ("this is UTF-16: convert it to UTF-8", 0)
        }
        if starts(with: [0x1F, 0x8B]) { return ("this is compressed by gzip: send it uncompressed", 0) }
        return firstInvalidUTF8.map { ("this is not UTF-8", $0) }
    }

    /// Where the bytes stop being UTF-8, or `nil` if they are UTF-8 to the end.
    public var firstInvalidUTF8: Int? {
        if String(validating: self, as: UTF8.self) != nil { return nil }
        var iterator = makeIterator()
        var decoder = UTF8()
        var offset = 0
        while case .scalarValue(let scalar) = decoder.decode(&iterator) { offset += UTF8.width(scalar) }
        return offset
    }
}
