import Components
import HTTPTypes

/// A deploy token as a request carries it, not checked yet.
///
/// It has no description: a token must not get into a log or a message by accident.
struct DeployTokenCredential: Sendable {
    /// What was sent.
    let text: String

    /// The name of the query parameter in which the families that declare it accept a token.
    static let parameter = "token"

    /// The token of a request; `nil` if it has none.
    ///
    /// `Authorization: Bearer` (RFC 6750, section 2.1), or the query parameter where the endpoint declares it. Other schemes of
    /// `Authorization` are no tokens of this service.
    /// - Throws: `RequestFault.severalTokens`.
    init?(_ head: HTTPRequest, query: Query?) throws(RequestFault) {
        var texts = head.headerFields[values: .authorization].compactMap(Self.bearer)
        if let text = query?[Self.parameter] { texts.append(text) }
        guard texts.count <= 1 else { throw .severalTokens }
        guard let text = texts.first else { return nil }
        self.text = text
    }

    /// What stands behind the scheme `Bearer`, which is spelt in any case (RFC 9110, section 11.1).
    private static func bearer(_ value: String) -> String? {
        let words = value.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard words.first?.lowercased() == "bearer" else { return nil }
        return words.count == 2 ? String(words[1].drop { $0 == " " }) : ""
    }
}
