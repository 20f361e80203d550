import Crypto
import Foundation
import HTTPTypes

/// What the browser may do with the page: nothing but show it, run its one script, and ask this origin.
enum DocumentationPolicy {
    /// The header fields that say so.
    static let fields: HTTPFields = [
        .contentSecurityPolicy: contentSecurityPolicy,
        .xContentTypeOptions: "nosniff",
        .referrerPolicy: "no-referrer",
    ]

    /// Content Security Policy Level 3; script and style by their hashes, so no other runs, whatever stood in the page.
    ///
    /// Trusted Types turn every attempt to make markup from a string in the browser into an error.
    static let contentSecurityPolicy = [
        "default-src 'none'", "script-src \(source(DocumentationScript.text))",
        "style-src \(source(DocumentationStyle.text))", "connect-src 'self'", "form-action 'none'",
        "frame-ancestors 'none'", "base-uri 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'",
    ].joined(separator: "; ")

    private static func source(_ text: String) -> String {
        "'sha256-\(Data(SHA256.hash(data: Data(text.utf8))).base64EncodedString())'"
    }
}

extension HTTPField.Name {
    /// Not among the names that swift-http-types knows.
    fileprivate static let referrerPolicy: HTTPField.Name = {
        guard let name = HTTPField.Name("Referrer-Policy") else { preconditionFailure("a token is a field name") }
        return name
    }()
}
