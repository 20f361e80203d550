/// Why a text is not a distinguished name.
///
/// It never repeats the text.
enum DistinguishedNameError: String, Error, CustomStringConvertible {
    case legacyForm = "it is in the form /CN=…: the gateway must send $ssl_client_s_dn"
    case attributeType = "an attribute's type is expected"
    case equalsSign = "= is expected behind an attribute's type"
    case escape = "a backslash must stand before a special character or two hexadecimal digits"
    case specialCharacter = "a special character stands without a backslash"
    case hexadecimal = "# must be followed by pairs of hexadecimal digits"
    case quotes = "a quoted value is not closed, or something follows it"

    var description: String { "it cannot be read: \(rawValue)" }
}

extension DistinguishedName {
    /// Reads a name: any text gives a name or an error.
    ///
    /// Accepted: RFC 4514, and of RFC 2253, section 4, what older writers use: values in quotes and spaces around
    /// separators. The empty text is the empty name.
    init(parsing text: String) throws(DistinguishedNameError) {
        guard text.utf8.first != UInt8(ascii: "/") else { throw .legacyForm }
        var parser = DistinguishedNameParser(text: Array(text.utf8))
        relativeNames = try parser.name()
    }
}

/// One pass over the bytes; `position` only grows.
private struct DistinguishedNameParser {
    let text: [UInt8]
    var position = 0

    mutating func name() throws(DistinguishedNameError) -> [[DistinguishedName.Attribute]] {
        skipSpaces()
        guard peek != nil else { return [] }
        var names: [[DistinguishedName.Attribute]] = [[try attribute()]]
        while let separator = peek {
            position += 1
            if separator == UInt8(ascii: "+") {
                names[names.count - 1].append(try attribute())
            } else {
                // RFC 2253, section 4: a semicolon separates as a comma does.
                names.append([try attribute()])
            }
        }
        return names
    }

    private mutating func attribute() throws(DistinguishedNameError) -> DistinguishedName.Attribute {
        skipSpaces()
        let type = try attributeType()
        skipSpaces()
        guard peek == UInt8(ascii: "=") else { throw .equalsSign }
        position += 1
        skipSpaces()
        let value: DistinguishedName.Value =
            switch peek {
            case UInt8(ascii: "#"): .encoded(try hexadecimal())
            case UInt8(ascii: "\""): .text(try quoted())
            default: .text(try plain())
            }
        return DistinguishedName.Attribute(type: type, value: value)
    }

    /// `descr` or `numericoid` (RFC 4512, section 1.4).
    private mutating func attributeType() throws(DistinguishedNameError) -> DistinguishedName.AttributeType {
        let start = position
        while let byte = peek, byte.isURIUnreserved, byte != UInt8(ascii: "_"), byte != UInt8(ascii: "~") {
            position += 1
        }
        let name = String(decoding: text[start..<position], as: UTF8.self)
        guard let first = name.utf8.first else { throw .attributeType }
        let isName = first.isLetter && (!name.utf8.contains(UInt8(ascii: ".")) || name.lowercased().hasPrefix("oid."))
        guard isName || Self.isOID(name) else { throw .attributeType }
        return DistinguishedName.AttributeType(name)
    }

    private static func isOID(_ name: String) -> Bool {
        name.split(separator: ".", omittingEmptySubsequences: false)
            .allSatisfy { part in
                !part.isEmpty && part.utf8.allSatisfy { $0.isDigit } && (part == "0" || part.first != "0")
            }
    }

    private mutating func hexadecimal() throws(DistinguishedNameError) -> [UInt8] {
        position += 1
        var bytes: [UInt8] = []
        while let byte = hexPair() { bytes.append(byte) }
        skipSpaces()
        guard !bytes.isEmpty, isAtEnd else { throw .hexadecimal }
        return bytes
    }

    private mutating func quoted() throws(DistinguishedNameError) -> [UInt8] {
        position += 1
        var bytes: [UInt8] = []
        while let byte = peek, byte != UInt8(ascii: "\"") {
            bytes.append(try byte == UInt8(ascii: "\\") ? escape() : take(byte))
        }
        guard peek != nil else { throw .quotes }
        position += 1
        skipSpaces()
        guard isAtEnd else { throw .quotes }
        return bytes
    }

    private mutating func plain() throws(DistinguishedNameError) -> [UInt8] {
        var bytes: [UInt8] = []
        // Up to here the value stands even if it ends in spaces: those behind it are no part of it.
        var significant = 0
        while let byte = peek, !isSeparator(byte) {
            switch byte {
            case UInt8(ascii: "\\"):
                bytes.append(try escape())
                significant = bytes.count
            case UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"), 0:
                throw .specialCharacter
            default:
                bytes.append(take(byte))
                if byte != UInt8(ascii: " ") { significant = bytes.count }
            }
        }
        return Array(bytes.prefix(significant))
    }

    /// `\` and a special character, or `\` and two digits (RFC 4514, section 3, `pair`).
    private mutating func escape() throws(DistinguishedNameError) -> UInt8 {
        position += 1
        if let byte = hexPair() { return byte }
        guard let byte = peek, " \"#+,;<=>\\".utf8.contains(byte) else { throw .escape }
        return take(byte)
    }

    private mutating func hexPair() -> UInt8? {
        guard position + 1 < text.count, let high = text[position].hexDigitValue,
            let low = text[position + 1].hexDigitValue
        else { return nil }
        position += 2
        return high << 4 | low
    }

    private mutating func take(_ byte: UInt8) -> UInt8 {
        position += 1
        return byte
    }

    private mutating func skipSpaces() {
        while peek == UInt8(ascii: " ") { position += 1 }
    }

    private var peek: UInt8? { position < text.count ? text[position] : nil }

    private var isAtEnd: Bool { peek.map(isSeparator) ?? true }

    private func isSeparator(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ",") || byte == UInt8(ascii: "+") || byte == UInt8(ascii: ";")
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    fileprivate var isLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) }
}
