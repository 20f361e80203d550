import HTTPTypes
import JSON
import OpenAPI

extension Endpoint {
    /// The statuses with which the gateway, or a full service, may answer anything.
    static let commonErrors = [400, 401, 404, 405, 408, 413, 414, 421, 500, 502, 503, 504]
    /// The statuses that any endpoint of a tool may answer.
    static let toolErrors = [403]
    /// The statuses that any endpoint may answer whose requests may last.
    static let waitingErrors = [429]

    /// The status of every error that it may answer, in order.
    var errorStatuses: [Int] {
        Set(
            Self.commonErrors + errors + (needsIdentity ? Self.toolErrors : [])
                + (waits == .never ? [] : Self.waitingErrors)
        ).sorted()
    }

    /// What the document says of it: nothing, one operation, or two where `HEAD` follows from it.
    ///
    /// - Parameter offersProblems: whether its errors are problem details for whoever asks for them.
    func operations(offeringProblems offersProblems: Bool) -> [OpenAPIOperation] {
        guard isDocumented else { return [] }
        let operation = OpenAPIOperation(
            path: path.description, method: method.rawValue.lowercased(), id: id, tag: tag, summary: summary,
            description: description, parameters: parameters, body: body,
            responses: responses(in: formats, offersProblems),
            security: (needsIdentity ? ["toolCertificate"] : []) + (acceptsDeployToken ? ["deployToken"] : []))
        guard method == .get else { return [operation] }
        var head = operation
        head.method = "head"
        head.id = id.hasPrefix("get") ? "head" + id.dropFirst(3) : id + "Head"
        head.summary = "\(summary) (header fields only)"
        head.responses = responses(in: [], offersProblems)
        return [operation, head]
    }

    /// - Parameter formats: those of the bodies; none if there are no bodies.
    private func responses(in formats: [BodyFormat], _ offersProblems: Bool) -> [OpenAPIResponse] {
        let types = formats.map(\.mediaType)
        let successes = successes.map { success in
            OpenAPIResponse(
                success.status.code, description: success.description,
                headers: OpenAPIHeader.common + (isNegotiated ? [.vary] : []) + success.fields,
                mediaTypes: success.hasBody && !types.isEmpty ? success.mediaTypes ?? types : [],
                textTypes: success.hasBody && !types.isEmpty ? success.textTypes : [],
                schema: success.schema.map(JSONValue.schema) ?? ["type": "object"],
                example: success.example.map { Envelope(data: $0).json })
        }
        let errors = errorStatuses.map { status in
            OpenAPIResponse(
                status, description: ErrorDescriptions.text(of: status),
                headers: OpenAPIHeader.common + (offersProblems ? [.vary] : []) + OpenAPIHeader.fields(ofError: status),
                mediaTypes: types, others: offersProblems && !types.isEmpty ? Self.problem : [],
                schema: .schema("ErrorEnvelope"), name: Self.name(ofError: status, in: formats, offersProblems))
        }
        return (successes + errors).sorted { $0.status < $1.status }
    }

    private static let problem = [(mediaType: ProblemDetails.mediaType, schema: JSONValue.schema("Problem"))]

    /// The name of an error's response among the pieces of the document.
    private static func name(ofError status: Int, in formats: [BodyFormat], _ offersProblems: Bool) -> String {
        let name = "\(offersProblems ? "Problem" : "Error")\(status)"
        return switch formats.count {
        case 0: "\(name)WithoutBody"
        case 1: name
        default: "\(name)InEitherFormat"
        }
    }
}

extension OpenAPIHeader {
    /// The fields that every response has.
    static let common = [requestID, cacheControl]

    /// The fields that an error of that status has, beside those.
    static func fields(ofError status: Int) -> [OpenAPIHeader] {
        switch status {
        case 401: [wwwAuthenticate]
        case 405: [allow]
        case 429, 503: [retryAfter]
        default: []
        }
    }

    private static let requestID = OpenAPIHeader(
        "X-Request-Id",
        description: """
            The id of this exchange in the logs: the request's own `X-Request-Id` if it matches `[A-Za-z0-9._-]{1,64}`, \
            else a new one.
            """,
        schema: ["type": "string"])
    private static let cacheControl = OpenAPIHeader(
        "Cache-Control", description: "Nothing may be kept.", schema: ["type": "string"])
    fileprivate static let vary = OpenAPIHeader(
        "Vary", description: "What the form of the answer depends on.", schema: ["type": "string"])
    private static let allow = OpenAPIHeader(
        "Allow", description: "The methods that the path answers.", schema: ["type": "string"])
    private static let wwwAuthenticate = OpenAPIHeader(
        "WWW-Authenticate", description: "What is wrong with a deploy token, if one was sent (RFC 6750, section 3).",
        schema: ["type": "string"])
    private static let retryAfter = OpenAPIHeader(
        "Retry-After", description: "The seconds after which to try again.", schema: ["type": "integer", "minimum": 0])
}
