import JSON
import OpenAPI

/// The endpoints below one prefix, and their words.
///
/// Two families may offer the same operations under other paths, with other names of fields, other words for a status and
/// other texts of errors.
struct Family: Sendable {
    /// What every path of the family begins with, as `/api/v1`; empty for the paths that no other family has.
    var prefix: String
    /// The groups of its endpoints, in the order in which readers see them.
    var tags: [OpenAPIDocument.Tag]
    /// The schemas that its endpoints refer to.
    var schemas: [(name: String, schema: JSONValue)]
    /// Its endpoints.
    var endpoints: [Endpoint]
    /// What is answered to an error: a `RequestFault`, or whatever else its handlers throw.
    var errorResponse: @Sendable (any Error, URLPrefix) -> ErrorResponse
    /// Whether an error is answered with problem details to whoever asks for them.
    var offersProblems = false

    /// Whether a path belongs to the family, whatever it has there.
    func contains(_ path: RequestPath) -> Bool {
        path.segments.starts(with: prefix.split(separator: "/").map(String.init))
    }
}
