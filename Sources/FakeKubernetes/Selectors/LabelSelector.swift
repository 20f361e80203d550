/// A label selector in the query syntax: `a=b,c!=d,e in (f,g),h notin (i),j,!k,n>1`.
struct LabelSelector: Sendable, Equatable {
    enum Requirement: Sendable, Equatable {
        case isIn(key: String, values: [String])
        case notIn(key: String, values: [String])
        case exists(key: String)
        case doesNotExist(key: String)
        case greater(key: String, than: Int64)
        case less(key: String, than: Int64)
    }

    /// All must hold; none: everything is selected.
    let requirements: [Requirement]

    /// - Throws: `SelectorError` with the real server's message.
    init(parsing text: String) throws(SelectorError) {
        var parser = LabelSelectorParser(text)
        requirements = try parser.requirements()
    }

    /// Whether an object with these labels is selected.
    func matches(_ labels: Members?) -> Bool {
        requirements.allSatisfy { requirement in
            switch requirement {
            case .isIn(let key, let values):
                labels?[key]?.string.map { label in values.contains { $0.isSameText(as: label) } } ?? false
            case .notIn(let key, let values):
                labels?[key]?.string.map { label in !values.contains { $0.isSameText(as: label) } } ?? true
            case .exists(let key): labels?[key] != nil
            case .doesNotExist(let key): labels?[key] == nil
            case .greater(let key, let bound): labels?[key]?.string.flatMap(Int64.init).map { $0 > bound } ?? false
            case .less(let key, let bound): labels?[key]?.string.flatMap(Int64.init).map { $0 < bound } ?? false
            }
        }
    }
}

/// Why a selector is not valid: 400 `BadRequest` with this message, which is the real server's.
struct SelectorError: Error, Equatable {
    let message: String
}
