/// A piece of HTML.
///
/// What stands in a literal is markup; a string put into one is text, and escaped. So nothing of a document becomes markup
/// by being forgotten.
struct HTML: Sendable, Equatable, ExpressibleByStringInterpolation {
    /// The markup.
    let markup: String

    /// Where the prefix of the service's paths belongs.
    ///
    /// It is U+0000, which HTML forbids and no escaped text contains.
    static let prefix = HTML(verbatim: "\u{0}")

    /// Nothing.
    static let empty: HTML = ""

    /// Markup of our own: style sheet and script.
    init(verbatim markup: String) { self.markup = markup }

    init(stringLiteral markup: String) { self.markup = markup }

    init(stringInterpolation: StringInterpolation) { markup = stringInterpolation.markup }

    struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var markup = ""

        init(literalCapacity: Int, interpolationCount: Int) { markup.reserveCapacity(literalCapacity) }

        mutating func appendLiteral(_ literal: String) { markup += literal }

        /// Text, whatever it contains.
        mutating func appendInterpolation(_ text: String) { markup += text.escapedForHTML }

        mutating func appendInterpolation(_ number: Int) { markup += String(number) }

        mutating func appendInterpolation(_ piece: HTML) { markup += piece.markup }

        /// One after the other, a line each.
        mutating func appendInterpolation(_ pieces: [HTML]) { markup += pieces.map(\.markup).joined(separator: "\n") }
    }
}

extension HTML {
    /// These pieces with a separator between them.
    static func joined(_ pieces: [HTML], separator: String) -> HTML {
        HTML(verbatim: pieces.map(\.markup).joined(separator: separator.escapedForHTML))
    }
}

extension HTML {
    /// The text of a description: what stands between two backticks is code, everything else is as it is.
    init(prose text: String) {
        let parts = text.split(separator: "`", omittingEmptySubsequences: false).map(String.init)
        // A last backtick without a second one stands for itself.
        let isOpen = parts.count.isMultiple(of: 2)
        let pieces = parts.enumerated().map { index, part -> HTML in
            if isOpen && index == parts.count - 1 { return "`\(part)" }
            return index.isMultiple(of: 2) ? "\(part)" : "<code>\(part)</code>"
        }
        self = .joined(pieces, separator: "")
    }

    /// A paragraph, if there is anything to say.
    static func paragraph(_ prose: String?) -> HTML {
        guard let prose, !prose.isEmpty else { return .empty }
        return "<p>\(HTML(prose: prose))</p>"
    }
}
