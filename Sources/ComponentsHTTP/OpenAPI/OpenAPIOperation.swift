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
    /// A success without a body that is answered in place of it: its status, and what it means.
    var bodiless: (status: Int, description: String)?
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
    var statuses: [Int] { Set([success] + errorStatuses + (bodiless.map { [$0.status] } ?? [])).sorted() }

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
        if let bodiless, bodiless.status == status {
            return [
                "description": .string(bodiless.description), "headers": OpenAPIHeaders.references(successFields),
            ]
        }
        guard status == success else {
            return .reference("responses/\(OpenAPIErrorResponse(status: status, formats: formats).name)")
        }
        var response: JSONObject = [
            "description": .string(successDescription), "headers": OpenAPIHeaders.references(successFields),
        ]
        if !formats.isEmpty {
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
