import HTTPTypes
import JSON

/// One answer of an operation, as a document describes it.
struct DescribedAnswer {
    /// The status, or `default`.
    let status: String
    /// What the document says.
    let json: JSONValue

    /// The status with its standard words.
    var title: String {
        guard let known = Self.known.first(where: { String($0.code) == status }) else { return status }
        return "\(status) \(known.reasonPhrase)"
    }

    /// The statuses whose words are shown: swift-http-types knows no words for a status made from a number.
    private static let known: [HTTPResponse.Status] = [
        .ok, .created, .accepted, .noContent, .notModified, .badRequest, .unauthorized, .forbidden, .notFound,
        .methodNotAllowed,
        .notAcceptable, .requestTimeout, .conflict, .gone, .preconditionFailed, .contentTooLarge, .uriTooLong,
        .unsupportedMediaType, .misdirectedRequest, .unprocessableContent, .tooManyRequests, .internalServerError,
        .notImplemented, .badGateway, .serviceUnavailable, .gatewayTimeout,
    ]

    /// Whether it says that something went wrong.
    var isError: Bool { !status.hasPrefix("2") && !status.hasPrefix("3") }

    /// The names of the header fields that it may have.
    var fields: [String] { json["headers"]?.objectValue?.keys ?? [] }

    /// What it carries, by media type.
    var content: [DescribedContent] { DescribedContent.all(of: json["content"]) }
}
