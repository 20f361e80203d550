/// The part of JSONPath that printer columns use: `.a.b`, `.a[0]`, `.a['b.c']`, `.a[*]`, `.a[?(@.b=="c")].d`.
struct JSONPath: Sendable {
    private enum Step: Equatable {
        case key(String)
        /// Below zero: from the end.
        case index(Int)
        case all
        case whereEqual(path: [String], text: String)
    }

    private let steps: [Step]

    /// - Returns: `nil` for anything else.
    init?(_ text: String) {
        var rest = Substring(text)
        if rest.hasPrefix("{"), rest.hasSuffix("}") { rest = rest.dropFirst().dropLast() }
        if rest.hasPrefix("$") { rest = rest.dropFirst() }
        var steps: [Step] = []
        while let first = rest.popFirst() {
            switch first {
            case ".":
                let key = Self.takeKey(&rest)
                guard !key.isEmpty || (rest.first == "[" && steps.isEmpty) else { return nil }
                if !key.isEmpty { steps.append(key == "*" ? .all : .key(key)) }
            case "[":
                guard let end = Self.end(of: rest), let step = Self.step(rest[..<end]) else { return nil }
                steps.append(step)
                rest = rest[rest.index(after: end)...]
            default: return nil
            }
        }
        self.steps = steps
    }

    /// What stands at the path; more than one with `[*]` or a filter.
    func values(in root: Value) -> [Value] {
        steps.reduce([root]) { values, step in
            values.flatMap { value -> [Value] in
                switch step {
                case .key(let key): return value[key].map { [$0] } ?? []
                case .index(let index):
                    guard let elements = value.array else { return [] }
                    let position = index < 0 ? index + elements.count : index
                    return elements.indices.contains(position) ? [elements[position]] : []
                case .all: return value.array ?? value.object?.values ?? []
                case .whereEqual(let path, let text):
                    return (value.array ?? []).filter { element in
                        let found = path.reduce(element) { $0[$1] ?? .null }
                        return (found.string ?? found.text) == text
                    }
                }
            }
        }
    }

    /// The characters up to the next `.` or `[`; a backslash makes the next one an ordinary one.
    private static func takeKey(_ rest: inout Substring) -> String {
        var key = ""
        while let next = rest.first, next != ".", next != "[" {
            rest.removeFirst()
            if next == "\\", let escaped = rest.popFirst() { key.append(escaped) } else { key.append(next) }
        }
        return key
    }

    /// Where the bracket closes that is open before `text`; brackets in quotes do not count.
    private static func end(of text: Substring) -> Substring.Index? {
        var quote: Character?
        for (index, character) in zip(text.indices, text) {
            if let open = quote {
                if character == open { quote = nil }
            } else if character == "'" || character == "\"" {
                quote = character
            } else if character == "]" {
                return index
            }
        }
        return nil
    }

    private static func step(_ text: Substring) -> Step? {
        if text == "*" { return .all }
        if let index = Int(text) { return .index(index) }
        if let key = unquoted(text) { return .key(key) }
        guard text.hasPrefix("?(@."), text.hasSuffix(")"), let equals = text.firstRange(of: "==") else { return nil }
        let path = text[..<equals.lowerBound].dropFirst(4).split(separator: ".").map { $0.filter { $0 != " " } }
        let operand = text[equals.upperBound...].dropLast().drop { $0 == " " }
        let trimmed = operand.reversed().drop { $0 == " " }.reversed()
        let plain = String(trimmed)
        return .whereEqual(path: path, text: unquoted(plain[...]) ?? plain)
    }

    private static func unquoted(_ text: Substring) -> String? {
        guard text.count >= 2, let quote = text.first, quote == "'" || quote == "\"", text.last == quote else {
            return nil
        }
        return String(text.dropFirst().dropLast())
    }
}
