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
