/// A media type with its parameters (RFC 9110, section 8.3.1), as in `Content-Type` and, with ranges, in `Accept`.
struct MediaType: Equatable {
    /// `type/subtype` in lower case; `*` where a range leaves it open.
    let essence: String
    /// The parameters in their order, names in lower case, values without quotes.
    let parameters: [Parameter]

    /// One parameter.
    struct Parameter: Equatable {
        let name: String
        let value: String
    }

    /// Reads one media type or range; `nil` if it is not valid.
    init?(_ text: some StringProtocol) {
        let parts = Self.split(text, at: UInt8(ascii: ";"))
        // There is always at least one part, which may be empty.
        let names = parts[0].split(separator: "/", omittingEmptySubsequences: false)
        guard names.count == 2, names.allSatisfy(Self.isToken) else { return nil }
        essence = parts[0].lowercased()
        var parameters: [Parameter] = []
        for part in parts.dropFirst() where !part.isEmpty {
            guard let equals = part.utf8.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            let name = part[..<equals]
            guard Self.isToken(name), let value = Self.value(part[part.utf8.index(after: equals)...]) else {
                return nil
            }
            parameters.append(Parameter(name: name.lowercased(), value: value))
        }
        self.parameters = parameters
    }

    /// The value of the first parameter of that name, given in lower case.
    subscript(name: String) -> String? { parameters.first { $0.name == name }?.value }

    /// Splits at each separator outside of quoted strings, and trims white space from each part.
    static func split(_ text: some StringProtocol, at separator: UInt8) -> [String] {
        var parts: [[UInt8]] = [[]]
        var isQuoted = false
        var isEscaped = false
        for byte in text.utf8 {
            if byte == separator, !isQuoted {
                parts.append([])
                continue
            }
            parts[parts.count - 1].append(byte)
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
            } else if byte == UInt8(ascii: "\\"), isQuoted {
                isEscaped = true
            }
        }
        return parts.map { part in
            let trimmed = part.drop(while: isWhiteSpace)
            let end = trimmed.lastIndex { !isWhiteSpace($0) }.map { $0 + 1 } ?? trimmed.startIndex
            return String(decoding: trimmed[..<end], as: UTF8.self)
        }
    }

    private static func isWhiteSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    /// RFC 9110, section 5.6.2.
    private static func isToken(_ text: some StringProtocol) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                byte.isURIUnreserved || "!#$%&'*+^`|".utf8.contains(byte)
            }
    }

    /// A token, or a quoted string without its quotes and backslashes (section 5.6.4).
    private static func value(_ text: Substring) -> String? {
        guard text.utf8.first == UInt8(ascii: "\"") else { return isToken(text) ? String(text) : nil }
        guard text.utf8.count >= 2, text.utf8.last == UInt8(ascii: "\"") else { return nil }
        var result: [UInt8] = []
        var isEscaped = false
        for byte in text.utf8.dropFirst().dropLast() {
            if byte == UInt8(ascii: "\\"), !isEscaped {
                isEscaped = true
            } else {
                guard isEscaped || byte != UInt8(ascii: "\"") else { return nil }
                isEscaped = false
                result.append(byte)
            }
        }
        return isEscaped ? nil : String(decoding: result, as: UTF8.self)
    }
}
