import HTTPTypes
import JSON
import Logging
import YAML

/// The response to a request, before it is written in a format.
struct Response: Sendable {
    /// The status.
    var status: HTTPResponse.Status = .ok
    /// What is sent.
    var content: Content
    /// The fields of this response, without those that every response has.
    var fields: HTTPFields = [:]
    /// More metadata for the access log: only about things that exist, never text that a client merely sent.
    var metadata: Logger.Metadata = [:]
    /// What went wrong, if this says so: the envelope's errors with their places.
    private(set) var details: [ErrorDetail] = []

    /// What is sent.
    enum Content: Sendable {
        /// The envelope, in the format that was asked for.
        case envelope(Envelope)
        /// A body that is not wrapped, with its media type.
        case document([UInt8], mediaType: String)
        /// A body that is written piece by piece, with its media type.
        case stream(mediaType: String, ResponseStream)
        /// No body, where HTTP allows none.
        case none
    }

    /// A response with data.
    init(_ envelope: Envelope, status: HTTPResponse.Status = .ok, fields: HTTPFields = [:]) {
        self.status = status
        content = .envelope(envelope)
        self.fields = fields
    }

    /// A response that is not wrapped.
    init(document: [UInt8], mediaType: String, fields: HTTPFields = [:]) {
        content = .document(document, mediaType: mediaType)
        self.fields = fields
    }

    /// A response whose body is written piece by piece.
    init(stream: @escaping ResponseStream, mediaType: String, fields: HTTPFields = [:]) {
        content = .stream(mediaType: mediaType, stream)
        self.fields = fields
    }

    /// A response without a body, of a status that has none.
    init(withoutBody status: HTTPResponse.Status) {
        self.status = status
        content = .none
    }

    /// The response to a client that already has the representation with that tag (RFC 9110, section 15.4.5).
    init(notModified tag: EntityTag) {
        status = .notModified
        content = .none
        fields = [.eTag: tag.text]
    }

    /// A response that says what went wrong.
    init(_ error: ErrorResponse) {
        self.init(
            Envelope(errors: error.messages, warnings: error.warnings), status: error.status, fields: error.fields)
        details = error.details
    }

    /// Adds sentences to the envelope's warnings; to a response without an envelope nothing is added.
    mutating func add(_ warnings: [String]) {
        guard !warnings.isEmpty, case .envelope(var envelope) = content else { return }
        envelope.messages.warning += warnings
        content = .envelope(envelope)
    }

    /// The response as it is sent.
    ///
    /// - Parameters:
    ///   - asProblem: whether what went wrong is written as problem details.
    ///   - isHead: whether the body is left out, its length in `Content-Length` not (RFC 9110, section 9.3.2).
    func written(in format: BodyFormat, asProblem: Bool = false, requestID: RequestID, isHead: Bool) -> APIResponse {
        var fields = fields
        let (body, mediaType) = body(in: format, asProblem: asProblem)
        if let mediaType { fields.append(HTTPField(name: .contentType, value: mediaType)) }
        switch body {
        case .bytes(let bytes):
            if mediaType != nil { fields.append(HTTPField(name: .contentLength, value: String(bytes.count))) }
        case .stream:
            // nginx passes on each piece at once.
            fields.append(HTTPField(name: .accelBuffering, value: "no"))
        }
        fields.append(HTTPField(name: .cacheControl, value: "no-store"))
        fields.append(HTTPField(name: .requestID, value: requestID.description))
        let head = HTTPResponse(status: status, headerFields: fields)
        return APIResponse(head: head, content: isHead ? .bytes([]) : body)
    }

    private func body(in format: BodyFormat, asProblem: Bool) -> (APIResponse.Content, mediaType: String?) {
        switch (content, format) {
        case (.envelope(let envelope), _) where asProblem && !details.isEmpty:
            (.bytes(ProblemDetails.json(status, envelope, details).line), ProblemDetails.mediaType)
        case (.none, _): (.bytes([]), nil)
        case (.document(let bytes, let mediaType), _): (.bytes(bytes), mediaType)
        case (.stream(let mediaType, let stream), _): (.stream(stream), mediaType)
        case (.envelope(let envelope), .json): (.bytes(envelope.line), BodyFormat.json.mediaType)
        case (.envelope(let envelope), .yaml):
            (.bytes(envelope.json.serializedAsYAML()), BodyFormat.yaml.mediaType)
        }
    }
}
