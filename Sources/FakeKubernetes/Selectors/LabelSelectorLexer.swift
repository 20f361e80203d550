/// Splits a label selector into tokens, as the real server's lexer does.
struct LabelSelectorLexer {
    enum Token: Equatable {
        case end
        case identifier(String)
        case symbol(String)
        /// A run of symbols that begins with none.
        case error(String)

        /// The token's own text, for messages.
        var literal: String {
            switch self {
            case .end: ""
            case .identifier(let text), .symbol(let text), .error(let text): text
            }
        }
    }

    private static let symbols = ["!=", "==", "!", "=", "(", ")", ",", ">", "<"]
    private static let symbolCharacters = "=!(),><".unicodeScalars
    private static let whiteSpace = " \t\r\n".unicodeScalars

    private var rest: Substring.UnicodeScalarView

    init(_ text: String) { rest = text.unicodeScalars[...] }

    mutating func next() -> Token {
        while let first = rest.first, Self.whiteSpace.contains(first) { rest.removeFirst() }
        guard let first = rest.first else { return .end }
        if Self.symbolCharacters.contains(first) {
            for symbol in Self.symbols where rest.starts(with: symbol.unicodeScalars) {
                rest.removeFirst(symbol.unicodeScalars.count)
                return .symbol(symbol)
            }
            return .error(String(rest.removeFirst()))
        }
        let identifier = rest.prefix { !Self.symbolCharacters.contains($0) && !Self.whiteSpace.contains($0) }
        rest.removeFirst(identifier.count)
        return .identifier(String(identifier))
    }
}
