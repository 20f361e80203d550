import HTTPTypes
import JSON

/// The page as bytes, made once.
struct DocumentationRendering: Sendable {
    /// What stands between the places of the prefix.
    private let pieces: [ArraySlice<UInt8>]

    /// The media type of the page.
    static let mediaType = "text/html; charset=utf-8"

    /// Renders the page of an OpenAPI document.
    init(document: JSONValue) {
        let markup = DocumentationPage(api: DescribedAPI(document: document)).html.markup
        pieces = Array(markup.utf8).split(separator: 0, omittingEmptySubsequences: false)
    }

    /// The page as seen from clients who reach this service under that prefix, which needs no escaping: see `URLPrefix`.
    func page(servedAt prefix: URLPrefix) -> [UInt8] {
        Array(pieces.joined(separator: prefix.path.utf8))
    }
}
