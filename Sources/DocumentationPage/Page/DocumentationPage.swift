import Crypto
import Foundation
public import JSON

/// A page to read about an API and to try it: one HTML document, rendered once from an OpenAPI document alone.
///
/// Swagger UI is not used: the packaged version 4.15.5 cannot read OpenAPI 3.1, it adds 1.2 MB of files to a single binary,
/// and it needs a weaker content security policy. Text that is rendered on the server can be read without any script.
public struct DocumentationPage: Sendable {
    /// The page, split at the places of the prefix.
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

    /// How clients authenticate for an operation with a security scheme: by a client certificate.
    public struct Certificate: Sendable {
        let curlArguments: String
        let export: String
        let holder: String

        /// - Parameters:
        ///   - curlArguments: the arguments with which curl uses the certificate.
        ///   - export: the command that writes it to a file which browsers can import.
        ///   - holder: a noun for the owner of a certificate.
        public init(curlArguments: String, export: String, holder: String) {
            self.curlArguments = curlArguments
            self.export = export
            self.holder = holder
        }
    }

    /// Renders the page of an OpenAPI 3.1 document.
    ///
    /// - Parameters:
    ///   - documentPath: the path at which the document itself is served.
    ///   - formats: the formats of the examples, where the document offers them.
    public init(document: JSONValue, documentPath: String, formats: [Format], certificate: Certificate) {
        let api = DescribedAPI(document: document, formats: formats, certificate: certificate)
        let markup = PageMarkup(api: api, documentPath: documentPath).html.markup
        pieces = Array(markup.utf8).split(separator: 0, omittingEmptySubsequences: false)
    }

    /// The page as seen by clients who reach the API under that prefix.
    ///
    /// - Parameter prefix: empty, or a path without a slash at its end; it is not escaped.
    public func html(servedAt prefix: String) -> [UInt8] { Array(pieces.joined(separator: prefix.utf8)) }

    /// The header fields that must be sent with the page.
    ///
    /// With them a browser shows the page, runs its one script and sends
    /// requests to this origin, and nothing else.
    public static let fields: [(name: String, value: String)] = [
        ("Content-Security-Policy", contentSecurityPolicy), ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
    ]

    /// Content Security Policy Level 3; script and style by their hashes, so that no other runs.
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
