/// A piece of HTML.
///
/// A literal is markup, and a string that is interpolated is text, which is escaped. So text from a document cannot become
/// markup by mistake.
struct HTML: Sendable, Equatable, ExpressibleByStringInterpolation {
    /// The markup.
    let markup: String

    /// The placeholder for the prefix of the paths.
    ///
    /// It is U+0000, which HTML forbids and no escaped text contains.
    static let prefix = HTML(verbatim: "\u{0}")

    /// The empty piece.
    static let empty: HTML = ""

    /// Trusted markup, such as the style sheet and the script.
    init(verbatim markup: String) { self.markup = markup }

    init(stringLiteral markup: String) { self.markup = markup }

    init(stringInterpolation: StringInterpolation) { markup = stringInterpolation.markup }

    struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var markup = ""

        init(literalCapacity: Int, interpolationCount: Int) { markup.reserveCapacity(literalCapacity) }

        mutating func appendLiteral(_ literal: String) { markup += literal }

        /// Text, which is escaped.
        mutating func appendInterpolation(_ text: String) { markup += text.escapedForHTML }

        mutating func appendInterpolation(_ number: Int) { markup += String(number) }

        mutating func appendInterpolation(_ piece: HTML) { markup += piece.markup }

        /// Several pieces, one on each line.
        mutating func appendInterpolation(_ pieces: [HTML]) { markup += pieces.map(\.markup).joined(separator: "\n") }
    }
}

extension HTML {
    /// The pieces with a separator between them.
    static func joined(_ pieces: [HTML], separator: String) -> HTML {
        HTML(verbatim: pieces.map(\.markup).joined(separator: separator.escapedForHTML))
    }
}

extension HTML {
    /// A description: text between two backticks is code.
    init(prose text: String) {
        let parts = text.split(separator: "`", omittingEmptySubsequences: false).map(String.init)
        // A last, unpaired backtick is literal.
        let isOpen = parts.count.isMultiple(of: 2)
        let pieces = parts.enumerated().map { index, part -> HTML in
            if isOpen && index == parts.count - 1 { return "`\(part)" }
            return index.isMultiple(of: 2) ? "\(part)" : "<code>\(part)</code>"
        }
        self = .joined(pieces, separator: "")
    }

    /// A paragraph; empty if there is no text.
    static func paragraph(_ prose: String?) -> HTML {
        guard let prose, !prose.isEmpty else { return .empty }
        return "<p>\(HTML(prose: prose))</p>"
    }
}
