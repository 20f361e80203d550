extension Value {
    /// Reads one JSON text; of equal keys the last wins.
    ///
    /// - Throws: `ValueSyntaxError` with the message of Go's decoder.
    public init(parsing text: [UInt8]) throws(ValueSyntaxError) {
        self = try Value.read(text).value
    }

    /// Reads one JSON text as the real server does, and returns the keys that an object has twice.
    ///
    /// As lenient as Go is: bytes that are not UTF-8 and half surrogate pairs become U+FFFD. Integers beyond 64 bits become
    /// binary64; a number with a fraction or exponent whose value is an integer of 64 bits is that integer, for so the
    /// store gives it back. The paths of duplicates look like `spec.builds[0].name`, at most 100 of them.
    static func read(_ text: [UInt8]) throws(ValueSyntaxError) -> (value: Value, duplicates: [String]) {
        var reader = ValueReader(text: text)
        return (try reader.document(), reader.duplicates)
    }
}

private struct ValueReader {
    /// Go's limit.
    private static let maximumDepth = 1_000

    let text: [UInt8]
    var duplicates: [String] = []
    private var position = 0
    private var path: [PathStep] = []

    private enum PathStep {
        case key(String)
        case index(Int)
    }

    init(text: [UInt8]) { self.text = text }

    mutating func document() throws(ValueSyntaxError) -> Value {
        skipWhiteSpace()
        let value = try value()
        skipWhiteSpace()
        guard position == text.count else { throw unexpected("after top-level value") }
        return value
    }

    private mutating func value() throws(ValueSyntaxError) -> Value {
        guard position < text.count else { throw endOfInput }
        switch text[position] {
        case UInt8(ascii: "{"): return .object(try object())
        case UInt8(ascii: "["): return .array(try array())
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"):
            try literal("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try literal("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try literal("null")
            return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw unexpected("looking for beginning of value")
        }
    }

    private mutating func object() throws(ValueSyntaxError) -> Members {
        try enter()
        var members: [(String, Value)] = []
        var isInOrder = true
        if try next() == UInt8(ascii: "}") {
            position += 1
            return Members()
        }
        while true {
            guard try next() == UInt8(ascii: "\"") else {
                throw unexpected("looking for beginning of object key string")
            }
            let key = try string()
            guard try next() == UInt8(ascii: ":") else { throw unexpected("after object key") }
            position += 1
            skipWhiteSpace()
            path.append(.key(key))
            let value = try value()
            path.removeLast()
            if let last = members.last, !last.0.isBeforeInBytes(key) { isInOrder = false }
            members.append((key, value))
            switch try next() {
            case UInt8(ascii: ","):
                position += 1
            case UInt8(ascii: "}"):
                position += 1
                if !isInOrder { noteDuplicates(in: members) }
                return Members(members)
            default: throw unexpected("after object key:value pair")
            }
        }
    }

    private mutating func noteDuplicates(in members: [(String, Value)]) {
        var seen: Set<[UInt8]> = []
        for (key, _) in members where !seen.insert(Array(key.utf8)).inserted && duplicates.count < 100 {
            let path = path(to: key)
            if !duplicates.contains(path) { duplicates.append(path) }
        }
    }

    private func path(to key: String) -> String {
        var result = ""
        for step in path + [.key(key)] {
            switch step {
            case .key(let key): result += result.isEmpty ? key : "." + key
            case .index(let index): result += "[\(index)]"
            }
        }
        return result
    }

    private mutating func array() throws(ValueSyntaxError) -> [Value] {
        try enter()
        var elements: [Value] = []
        if try next() == UInt8(ascii: "]") {
            position += 1
            return elements
        }
        while true {
            skipWhiteSpace()
            path.append(.index(elements.count))
            elements.append(try value())
            path.removeLast()
            switch try next() {
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "]"):
                position += 1
                return elements
            default: throw unexpected("after array element")
            }
        }
    }

    /// Steps over the bracket that opens an array or object.
    private mutating func enter() throws(ValueSyntaxError) {
        guard path.count < Self.maximumDepth else { throw ValueSyntaxError(message: "exceeded max depth") }
        position += 1
    }

    private mutating func number() throws(ValueSyntaxError) -> Value {
        let start = position
        var isInteger = true
        if text[position] == UInt8(ascii: "-") { position += 1 }
        guard position < text.count else { throw endOfInput }
        if text[position] == UInt8(ascii: "0") {
            position += 1
        } else {
            try digits("in numeric literal")
        }
        if position < text.count, text[position] == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            try digits("after decimal point in numeric literal")
        }
        if position < text.count, text[position] | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            position += 1
            if position < text.count, text[position] == UInt8(ascii: "+") || text[position] == UInt8(ascii: "-") {
                position += 1
            }
            try digits("in exponent of numeric literal")
        }
        let literal = String(decoding: text[start..<position], as: UTF8.self)
        if isInteger, let int = Int64(literal) { return .int(int) }
        guard let double = Double(literal), double.isFinite else {
            throw ValueSyntaxError(message: "json: cannot unmarshal number \(literal) into Go value of type float64")
        }
        // A fraction that is an integer is stored with its shortest digits, and is an integer when it is read again.
        return Int64(double.goLiteral).map { .int($0) } ?? .double(double)
    }

    private mutating func digits(_ place: String) throws(ValueSyntaxError) {
        let start = position
        while position < text.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[position]) { position += 1 }
        guard position > start else { throw position < text.count ? unexpected(place) : endOfInput }
    }

    private mutating func literal(_ literal: String) throws(ValueSyntaxError) {
        for expected in literal.utf8 {
            guard position < text.count else { throw endOfInput }
            guard text[position] == expected else {
                throw unexpected("in literal \(literal) (expecting '\(Unicode.Scalar(expected))')")
            }
            position += 1
        }
    }

    private mutating func string() throws(ValueSyntaxError) -> String {
        position += 1
        var start = position
        var result = ""
        while position < text.count {
            switch text[position] {
            case UInt8(ascii: "\""):
                result += String(decoding: text[start..<position], as: UTF8.self)
                position += 1
                return result
            case UInt8(ascii: "\\"):
                result += String(decoding: text[start..<position], as: UTF8.self)
                result.unicodeScalars.append(try escape())
                start = position
            case 0..<0x20: throw unexpected("in string literal")
            default: position += 1
            }
        }
        throw endOfInput
    }

    private mutating func escape() throws(ValueSyntaxError) -> Unicode.Scalar {
        position += 1
        guard position < text.count else { throw endOfInput }
        let byte = text[position]
        let plain: Unicode.Scalar? =
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): Unicode.Scalar(byte)
            case UInt8(ascii: "b"): "\u{8}"
            case UInt8(ascii: "f"): "\u{C}"
            case UInt8(ascii: "n"): "\n"
            case UInt8(ascii: "r"): "\r"
            case UInt8(ascii: "t"): "\t"
            default: nil
            }
        if let plain {
            position += 1
            return plain
        }
        guard byte == UInt8(ascii: "u") else { throw unexpected("in string escape code") }
        position += 1
        let first = try codeUnit()
        if let scalar = Unicode.Scalar(first) { return scalar }
        let behind = position
        if UTF16.isLeadSurrogate(UInt16(first)), text[position...].starts(with: [0x5C, 0x75]) {
            position += 2
            let second = try codeUnit()
            if UTF16.isTrailSurrogate(UInt16(second)),
                let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
            {
                return scalar
            }
            position = behind
        }
        return "\u{FFFD}"
    }

    private mutating func codeUnit() throws(ValueSyntaxError) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard position < text.count else { throw endOfInput }
            guard let digit = Character(Unicode.Scalar(text[position])).hexDigitValue else {
                throw unexpected("in \\u hexadecimal character escape")
            }
            unit = unit << 4 | UInt32(digit)
            position += 1
        }
        return unit
    }

    /// The next byte that is not white space.
    private mutating func next() throws(ValueSyntaxError) -> UInt8 {
        skipWhiteSpace()
        guard position < text.count else { throw endOfInput }
        return text[position]
    }

    private mutating func skipWhiteSpace() {
        while position < text.count, [0x20, 0x0A, 0x0D, 0x09].contains(text[position]) { position += 1 }
    }

    private var endOfInput: ValueSyntaxError { ValueSyntaxError(message: "unexpected end of JSON input") }

    private func unexpected(_ place: String) -> ValueSyntaxError {
        guard position < text.count else { return endOfInput }
        let character: String =
            switch text[position] {
            case UInt8(ascii: "'"): #"'\''"#
            case UInt8(ascii: "\""): #"'"'"#
            case UInt8(ascii: "\n"): #"'\n'"#
            case UInt8(ascii: "\r"): #"'\r'"#
            case UInt8(ascii: "\t"): #"'\t'"#
            case let byte where byte < 0x20 || byte == 0x7F:
                "'\\x" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16) + "'"
            case let byte: "'\(Unicode.Scalar(byte))'"
            }
        return ValueSyntaxError(message: "invalid character \(character) \(place)")
    }
}

/// Why a text is not valid JSON: the message of Go's decoder, which the real server passes on to its clients.
public struct ValueSyntaxError: Error, Sendable, Equatable {
    /// Such as `unexpected end of JSON input`.
    public var message: String
}
