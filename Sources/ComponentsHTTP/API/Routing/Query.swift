import JSON

/// The query of a request target, read as forms write it: `name=value`, `&` between them, `+` for a space.
struct Query: Sendable, Equatable {
    /// The parameters, in their order; each name once.
    let parameters: [Parameter]

    /// One parameter.
    struct Parameter: Sendable, Equatable {
        /// The name, decoded.
        let name: String
        /// What stands behind `=`, decoded; empty if nothing does.
        let value: String
    }

    /// No parameters.
    static let empty = Query(parameters: [])

    private init(parameters: [Parameter]) { self.parameters = parameters }

    /// Reads the query of a target as it was sent; there may be none.
    ///
    /// - Parameter aliases: other spellings of parameters, each with the name that the parameter gets.
    /// - Throws: `RequestFault.invalidQuery` for what cannot be decoded, and for a parameter that is given twice: of two
    ///   values one would have to be ignored.
    init(target: String, aliases: [String: String] = [:]) throws(RequestFault) {
        var parameters: [Parameter] = []
        let query = target.utf8.drop { $0 != UInt8(ascii: "?") }.dropFirst()
        for piece in query.split(separator: UInt8(ascii: "&")) {
            let written = try Self.decode(piece.prefix { $0 != UInt8(ascii: "=") })
            let name = aliases[written] ?? written
            let value = try Self.decode(piece.drop { $0 != UInt8(ascii: "=") }.dropFirst())
            guard !parameters.contains(where: { $0.name == name }) else {
                throw .invalidQuery("the parameter \(name.quotedForMessage) is given twice")
            }
            parameters.append(Parameter(name: name, value: value))
        }
        self.init(parameters: parameters)
    }

    /// The value of a parameter, or `nil` if it is not given.
    subscript(name: String) -> String? { parameters.first { $0.name == name }?.value }

    private static func decode(_ text: Substring.UTF8View) throws(RequestFault) -> String {
        var bytes: [UInt8] = []
        var iterator = text.makeIterator()
        while let byte = iterator.next() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = iterator.next()?.hexDigitValue, let low = iterator.next()?.hexDigitValue else {
                    throw .invalidQuery("a % is not followed by two hexadecimal digits")
                }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            default: bytes.append(byte)
            }
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else { throw .invalidQuery("it is not UTF-8") }
        return decoded
    }
}
