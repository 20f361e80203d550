import JSON

/// One response of an operation, as a document describes it.
struct DescribedResponse {
    /// The document that it belongs to.
    let api: DescribedAPI
    /// The status, or `default`.
    let status: String
    /// Its JSON in the document.
    let json: JSONValue

    /// The status with its reason phrase.
    var title: String { Self.reasons[status].map { "\(status) \($0)" } ?? status }

    /// The reason phrases of RFC 9110, section 15, and RFC 6585, for common statuses.
    private static let reasons = [
        "200": "OK", "201": "Created", "202": "Accepted", "204": "No Content", "304": "Not Modified",
        "400": "Bad Request", "401": "Unauthorized", "403": "Forbidden", "404": "Not Found",
        "405": "Method Not Allowed", "406": "Not Acceptable", "408": "Request Timeout", "409": "Conflict",
        "410": "Gone", "412": "Precondition Failed", "413": "Content Too Large", "414": "URI Too Long",
        "415": "Unsupported Media Type", "421": "Misdirected Request", "422": "Unprocessable Content",
        "424": "Failed Dependency", "429": "Too Many Requests", "500": "Internal Server Error",
        "501": "Not Implemented", "502": "Bad Gateway", "503": "Service Unavailable", "504": "Gateway Timeout",
    ]

    /// Whether it is an error.
    var isError: Bool { !status.hasPrefix("2") && !status.hasPrefix("3") }

    /// The names of the header fields that it may have.
    var fields: [String] { json["headers"]?.objectValue?.keys ?? [] }

    /// Its bodies, by media type.
    var content: [DescribedContent] { api.contents(of: json["content"]) }
}
