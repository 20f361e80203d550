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
        guard let code = Int(status), (100...599).contains(code) else { return status }
        return "\(status) \(HTTPResponse.Status(code: code).reasonPhrase)"
    }

    /// Whether it says that something went wrong.
    var isError: Bool { !status.hasPrefix("2") }

    /// The names of the header fields that it may have.
    var fields: [String] { json["headers"]?.objectValue?.keys ?? [] }

    /// What it carries, by media type.
    var content: [DescribedContent] { DescribedContent.all(of: json["content"]) }
}
