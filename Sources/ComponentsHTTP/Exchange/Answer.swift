import HTTPTypes
import JSON
import YAML

/// What an operation answers, before it is written in a format.
struct Answer {
    /// The status.
    var status: HTTPResponse.Status = .ok
    /// What is sent.
    var content: Content
    /// Fields of this answer alone: none of those that every answer has.
    var fields: HTTPFields = [:]
    /// The deployment it is about, for the log: one that exists, never what a client merely wrote.
    var deployment: String?

    /// What is sent.
    enum Content {
        /// The envelope, as JSON or YAML.
        case envelope(Envelope)
        /// What is not wrapped, with its media type: the OpenAPI document, the metrics.
        case document([UInt8], mediaType: String)
        /// The page made from the OpenAPI document: bytes of HTML.
        case page([UInt8])
        /// No body at all, where HTTP allows none: what the client has is as it was.
        case notModified
    }

    /// An answer with data.
    init(_ envelope: Envelope, status: HTTPResponse.Status = .ok, fields: HTTPFields = [:]) {
        self.status = status
        content = .envelope(envelope)
        self.fields = fields
    }

    /// What is not wrapped.
    init(document: [UInt8], mediaType: String = BodyFormat.json.mediaType) {
        content = .document(document, mediaType: mediaType)
    }

    /// The page made from the OpenAPI document.
    init(page: [UInt8]) {
        content = .page(page)
        fields = DocumentationPolicy.fields
    }

    /// An answer to who has the representation of that tag already (RFC 9110, section 15.4.5).
    init(notModified tag: EntityTag) {
        status = .notModified
        content = .notModified
        fields = [.eTag: tag.text]
    }

    /// An answer that says what went wrong.
    init(_ error: ErrorAnswer) {
        self.init(
            Envelope(errors: error.messages, warnings: error.warnings), status: error.status, fields: error.fields)
    }

    /// The answer as it is sent.
    ///
    /// - Parameter isHead: whether the body is left out, its length in `Content-Length` not (RFC 9110, section 9.3.2).
    func response(format: BodyFormat, requestID: RequestID, isHead: Bool) -> APIResponse {
        var fields = fields
        let body = rendered(format)
        if let (bytes, mediaType) = body {
            fields.append(HTTPField(name: .contentType, value: mediaType))
            fields.append(HTTPField(name: .contentLength, value: String(bytes.count)))
        }
        fields.append(HTTPField(name: .cacheControl, value: "no-store"))
        fields.append(HTTPField(name: .requestID, value: requestID.description))
        let head = HTTPResponse(status: status, headerFields: fields)
        return APIResponse(head: head, body: isHead ? [] : body?.0 ?? [])
    }

    private func rendered(_ format: BodyFormat) -> ([UInt8], mediaType: String)? {
        switch (content, format) {
        case (.notModified, _): nil
        case (.document(let bytes, let mediaType), _): (bytes, mediaType)
        case (.page(let bytes), _): (bytes, DocumentationRendering.mediaType)
        case (.envelope(let envelope), .json): (envelope.line, BodyFormat.json.mediaType)
        case (.envelope(let envelope), .yaml): (envelope.json.serializedAsYAML(), BodyFormat.yaml.mediaType)
        }
    }
}
