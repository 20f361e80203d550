import Crypto
import Foundation
public import JSON

/// The page to read about an API, and to try it: one HTML document made from an OpenAPI document, once.
///
/// It is made from the document alone, and knows nothing of what the API offers.
///
/// Why not Swagger UI, whose files PyPI has: `swagger-ui-bundle` carries version 4.15.5, which cannot read OpenAPI 3.1;
/// it is 1.2 MB of script and style beside a binary that needs no other file; and it writes styles and images of its own
/// into the page, so it takes a policy that allows them. A reader needs a page of text, and a sender needs a few dozen
/// lines of script. Text made on the server is there before, and without, any script.
public struct DocumentationPage: Sendable {
    /// What stands between the places of the prefix.
    private let pieces: [ArraySlice<UInt8>]

    /// The media type of the page.
    public static let mediaType = "text/html; charset=utf-8"

    /// A format in which examples of bodies are shown.
    public struct Format: Sendable {
        let mediaTypes: [String]
        let text: @Sendable (JSONValue) -> String

        /// A format of these media types.
        ///
        /// - Parameter text: a value as people read it, without a newline at its end.
        public init(mediaTypes: [String], text: @escaping @Sendable (JSONValue) -> String) {
            self.mediaTypes = mediaTypes
            self.text = text
        }
    }

    /// How clients of an operation that has a security scheme show who they are: by a client certificate.
    public struct Certificate: Sendable {
        let curlArguments: String
        let export: String
        let holder: String

        /// - Parameters:
        ///   - curlArguments: what makes curl show the certificate.
        ///   - export: the command that makes a file of it which browsers can import.
        ///   - holder: a word for those who hold one.
        public init(curlArguments: String, export: String, holder: String) {
            self.curlArguments = curlArguments
            self.export = export
            self.holder = holder
        }
    }

    /// Renders the page of an OpenAPI 3.1 document.
    ///
    /// - Parameters:
    ///   - documentPath: where the document itself is served.
    ///   - formats: in which the examples are shown, as far as the document offers them.
    public init(document: JSONValue, documentPath: String, formats: [Format], certificate: Certificate) {
        let api = DescribedAPI(document: document, formats: formats, certificate: certificate)
        let markup = PageMarkup(api: api, documentPath: documentPath).html.markup
        pieces = Array(markup.utf8).split(separator: 0, omittingEmptySubsequences: false)
    }

    /// The page as seen by clients who reach the API under that prefix.
    ///
    /// - Parameter prefix: empty, or a path without a slash at its end; it is not escaped.
    public func html(servedAt prefix: String) -> [UInt8] { Array(pieces.joined(separator: prefix.utf8)) }

    /// The header fields that must be sent with the page: what a browser may do with it is nothing but show it, run its one
    /// script, and ask this origin.
    public static let fields: [(name: String, value: String)] = [
        ("Content-Security-Policy", contentSecurityPolicy), ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
    ]

    /// Content Security Policy Level 3; script and style by their hashes, so no other runs, whatever stood in the page.
    ///
    /// Trusted Types turn every attempt to make markup from a string in the browser into an error.
    private static let contentSecurityPolicy = [
        "default-src 'none'", "script-src \(source(PageScript.text))", "style-src \(source(PageStyle.text))",
        "connect-src 'self'", "form-action 'none'", "frame-ancestors 'none'", "base-uri 'none'",
        "require-trusted-types-for 'script'", "trusted-types 'none'",
    ].joined(separator: "; ")

    private static func source(_ text: String) -> String {
        "'sha256-\(Data(SHA256.hash(data: Data(text.utf8))).base64EncodedString())'"
    }
}
