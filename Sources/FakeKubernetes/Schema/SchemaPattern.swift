import Foundation

/// A regular expression of a schema, with the syntax and the meaning of RE2, which may match any part of a text.
///
/// `NSRegularExpression` runs it, so what means something else there is translated: `$` matches at the very end, `\d`, `\s` and
/// `\w` match ASCII only, and only a line feed stops `.`. What RE2 does not have is refused.
struct SchemaPattern: Sendable {
    /// The pattern as the schema has it, for messages.
    let text: String
    private let expression: NSRegularExpression

    /// - Throws: `Refusal` if the pattern is not valid in RE2.
    init(_ text: String) throws(Refusal) {
        self.text = text
        let translation = try Self.translate(text)
        do {
            expression = try NSRegularExpression(pattern: translation, options: .useUnixLineSeparators)
        } catch {
            throw Refusal(message: "must be a valid regular expression")
        }
    }

    struct Refusal: Error {
        let message: String
    }

    /// Whether the pattern is found somewhere in the text.
    func matches(_ text: String) -> Bool {
        expression.firstMatch(in: text, range: NSRange(location: 0, length: text.utf16.count)) != nil
    }

    private static func translate(_ pattern: String) throws(Refusal) -> String {
        var result = ""
        var isInClass = false
        var rest = Substring(pattern)
        while let character = rest.popFirst() {
            switch character {
            case "\\":
                guard let escaped = rest.popFirst() else { throw Refusal(message: "trailing backslash") }
                result += try translateEscape(escaped, isInClass: isInClass)
            case "[":
                // ICU nests classes, RE2 does not: in RE2 a bracket inside a class is a literal, except in a POSIX class.
                if isInClass {
                    result += rest.first == ":" ? "[" : #"\["#
                    if rest.first == ":", let end = rest.range(of: ":]") {
                        result += rest[..<end.upperBound]
                        rest = rest[end.upperBound...]
                    }
                } else {
                    isInClass = true
                    result += "["
                    if rest.first == "^" { result.append(rest.removeFirst()) }
                    if rest.first == "]" {
                        rest.removeFirst()
                        result += #"\]"#
                    }
                }
            case "]":
                isInClass = false
                result += "]"
            case "&", "~":
                result += isInClass ? "\\" + String(character) : String(character)
            case "$" where !isInClass: result += #"\z"#
            case "(" where !isInClass && rest.first == "?":
                guard rest.hasPrefix("?:") || rest.hasPrefix("?P<") || rest.hasPrefix("?i") else {
                    throw Refusal(message: "invalid or unsupported group")
                }
                result += "("
                if rest.hasPrefix("?P<") {
                    result += "?"
                    rest = rest.dropFirst(2)
                }
            case "*", "+", "?", "}":
                result.append(character)
                if !isInClass, rest.first == "+" || (character != "}" && rest.first == "*") {
                    throw Refusal(message: "invalid nested repetition operator")
                }
            default: result.append(character)
            }
        }
        return result
    }

    private static func translateEscape(_ escaped: Character, isInClass: Bool) throws(Refusal) -> String {
        let ranges: [Character: String] = ["d": "0-9", "w": "0-9A-Za-z_", "s": "\\t\\n\\f\\r "]
        if let range = ranges[escaped] { return isInClass ? range : "[\(range)]" }
        if let lowercased = escaped.lowercased().first, escaped != lowercased, let range = ranges[lowercased] {
            return "[^\(range)]"
        }
        switch escaped {
        case "A", "B", "Q", "E", "a", "b", "f", "n", "p", "P", "r", "t", "v", "x", "z": return "\\" + String(escaped)
        case _ where escaped.isLetter || escaped.isNumber: throw Refusal(message: "invalid escape sequence")
        default: return "\\" + String(escaped)
        }
    }
}
