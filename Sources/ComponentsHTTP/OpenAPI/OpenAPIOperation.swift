import JSON

/// One method of one path, as the document describes it.
struct OpenAPIOperation {
    /// The path, with its parameters in braces.
    var path: String
    /// The method in lower case.
    var method: String
    /// `operationId`.
    var id: String
    var tag: String
    var summary: String
    var description: String?
    /// Header fields that are read, by their names among the document's parameters.
    var headers: [String] = []
    /// What is read, if anything.
    var requestBody: JSONValue?
    /// The status of success.
    var success = 200
    /// What success means.
    var successDescription: String
    /// The schema of the answer to success; `nil` for any JSON object.
    var schema: String?
    /// An example of the answer's `data`.
    var example: JSONValue?
    /// Fields that only this answer has.
    var successFields: [String] = []
    /// Another success that is answered in its place, if there is one.
    var alternative: OpenAPIAlternative?
    /// The formats of the answers; none for `HEAD`.
    var formats: [BodyFormat] = [.json]
    /// The statuses of errors that this service answers, those of `gatewayErrors` aside.
    var errors: [Int] = []

    /// The statuses with which the gateway, or a full service, may answer anything.
    static let gatewayErrors = [400, 401, 404, 405, 408, 413, 414, 421, 500, 502, 503, 504]

    /// The statuses that any operation on a tool may answer.
    static let toolErrors = [403]

    /// The operation as `HEAD`: the same without bodies.
    var asHead: OpenAPIOperation {
        var head = self
        head.method = "head"
        head.id = id.replacing("get", with: "head", maxReplacements: 1)
        head.summary = "\(summary) (header fields only)"
        head.formats = []
        return head
    }

    /// Whether the certificate of a tool is needed.
    private var needsIdentity: Bool { path.contains("{tool}") }

    /// Every status of an error.
    var errorStatuses: [Int] { errors + Self.gatewayErrors + (needsIdentity ? Self.toolErrors : []) }

    /// Every status there is, in order.
    var statuses: [Int] { Set([success] + errorStatuses + (alternative.map { [$0.status] } ?? [])).sorted() }

    /// The operation.
    var json: JSONValue {
        var operation: JSONObject = [
            "operationId": .string(id), "tags": [.string(tag)], "summary": .string(summary),
        ]
        operation["description"] = description.map(JSONValue.string)
        let parameters = OpenAPIParameters.references(of: path, and: headers)
        if parameters != [] { operation["parameters"] = parameters }
        operation["requestBody"] = requestBody
        operation["responses"] = .object(JSONObject(statuses.map { (String($0), response($0)) }))
        operation["security"] = needsIdentity ? [["toolCertificate": []]] : []
        return .object(operation)
    }

    private func response(_ status: Int) -> JSONValue {
        if status == success { return response(successDescription, fields: successFields, hasBody: true) }
        if let alternative, status == alternative.status {
            return response(
                alternative.description, fields: successFields + alternative.fields, hasBody: alternative.hasBody)
        }
        return .reference("responses/\(OpenAPIErrorResponse(status: status, formats: formats).name)")
    }

    private func response(_ description: String, fields: [String], hasBody: Bool) -> JSONValue {
        var response: JSONObject = [
            "description": .string(description), "headers": OpenAPIHeaders.references(fields),
        ]
        if hasBody, !formats.isEmpty {
            response["content"] = .object(JSONObject(formats.map { ($0.mediaType, .object(content)) }))
        }
        return .object(response)
    }

    private var content: JSONObject {
        var content: JSONObject = ["schema": schema.map { .reference("schemas/\($0)") } ?? ["type": "object"]]
        content["example"] = example.map { Envelope(data: $0).json }
        return content
    }
}

/// A success that an operation answers in place of its usual one.
struct OpenAPIAlternative {
    /// The status.
    var status: Int
    /// What it means.
    var description: String
    /// Fields that it has beside those of the usual one.
    var fields: [String] = []
    /// Whether it has the body of the usual one, or none.
    var hasBody: Bool
}
