/// Reads the tokens of a label selector.
struct LabelSelectorParser {
    private typealias Token = LabelSelectorLexer.Token

    private var lexer: LabelSelectorLexer
    private var current: Token

    init(_ text: String) {
        lexer = LabelSelectorLexer(text)
        current = lexer.next()
    }

    mutating func requirements() throws(SelectorError) -> [LabelSelector.Requirement] {
        var requirements: [LabelSelector.Requirement] = []
        while current != .end {
            guard startsRequirement else {
                throw found(current, "expected: !, identifier, or 'end of string'")
            }
            do {
                requirements.append(try requirement())
            } catch {
                throw SelectorError(message: "unable to parse requirement: \(error.message)")
            }
            switch take() {
            case .end: return requirements
            case .symbol(","):
                guard startsRequirement else { throw found(current, "expected: identifier after ','") }
            case let other: throw found(other, "expected: ',' or 'end of string'")
            }
        }
        return requirements
    }

    private var startsRequirement: Bool {
        switch current {
        case .identifier, .symbol("!"): true
        default: false
        }
    }

    private mutating func requirement() throws(SelectorError) -> LabelSelector.Requirement {
        var token = take()
        let isNegated = token == .symbol("!")
        if isNegated { token = take() }
        guard case .identifier(let key) = token else { throw found(token, "expected: identifier") }
        if let mistake = ObjectName.problemsOfKey(key).first {
            throw SelectorError(message: "key: Invalid value: \(key.goQuoted): \(mistake)")
        }
        if isNegated { return .doesNotExist(key: key) }
        if current == .end || current == .symbol(",") { return .exists(key: key) }

        let comparison = take()
        switch comparison {
        case .symbol("="), .symbol("=="): return .isIn(key: key, values: try checked([try exactValue()], of: key))
        case .symbol("!="): return .notIn(key: key, values: try checked([try exactValue()], of: key))
        case .identifier("in"): return .isIn(key: key, values: try set(of: key))
        case .identifier("notin"): return .notIn(key: key, values: try set(of: key))
        case .symbol(">"): return .greater(key: key, than: try number())
        case .symbol("<"): return .less(key: key, than: try number())
        default: throw found(comparison, "expected: in, notin, =, ==, !=, gt, lt")
        }
    }

    private mutating func exactValue() throws(SelectorError) -> String {
        if current == .end || current == .symbol(",") { return "" }
        let token = take()
        guard case .identifier(let value) = token else { throw found(token, "expected: identifier") }
        return value
    }

    private mutating func number() throws(SelectorError) -> Int64 {
        let text = try exactValue()
        guard let number = Int64(text) else {
            throw SelectorError(
                message:
                    "values[0]: Invalid value: \(text.goQuoted): for 'Gt', 'Lt' operators, the value must be an integer"
            )
        }
        return number
    }

    private mutating func set(of key: String) throws(SelectorError) -> [String] {
        let opening = take()
        guard opening == .symbol("(") else {
            throw SelectorError(message: "found '\(opening.literal)' expected: '('")
        }
        var values: [String] = []
        switch current {
        case .symbol(")"):
            _ = take()
            throw SelectorError(
                message: "values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty")
        case .identifier, .symbol(","): values = try list()
        default: throw found(current, "expected: ',', ')' or identifier")
        }
        _ = take()
        return try checked(values, of: key)
    }

    /// The values up to the closing parenthesis, sorted, each once; a comma beside another or beside a parenthesis
    /// has an empty value on that side.
    private mutating func list() throws(SelectorError) -> [String] {
        var values: Set<String> = []
        while true {
            let token = take()
            switch token {
            case .identifier(let value):
                values.insert(value)
                if current == .symbol(")") { return values.sorted() }
                guard current == .symbol(",") else { throw found(current, "expected: ',' or ')'") }
            case .symbol(","):
                if values.isEmpty { values.insert("") }
                if current == .symbol(")") {
                    values.insert("")
                    return values.sorted()
                }
                if current == .symbol(",") {
                    _ = take()
                    values.insert("")
                }
            default: throw found(token, "expected: ',', or identifier")
            }
        }
    }

    private func checked(_ values: [String], of key: String) throws(SelectorError) -> [String] {
        for (index, value) in values.enumerated() {
            if let mistake = ObjectName.problemsOfLabelValue(value).first {
                throw SelectorError(message: "values[\(index)][\(key)]: Invalid value: \(value.goQuoted): \(mistake)")
            }
        }
        return values
    }

    private mutating func take() -> Token {
        defer { current = lexer.next() }
        return current
    }

    private func found(_ token: Token, _ expectation: String) -> SelectorError {
        SelectorError(message: "found '\(token.literal)', \(expectation)")
    }
}
