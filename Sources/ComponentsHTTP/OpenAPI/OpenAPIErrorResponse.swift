import JSON

/// The answer that one status stands for, in one of the two forms: JSON alone, or YAML too for who asks for it.
struct OpenAPIErrorResponse {
    /// The status.
    let status: Int
    /// Whether there is a body, and in which formats: none for `HEAD`.
    let formats: [BodyFormat]

    /// Every one that an operation refers to.
    static var all: [OpenAPIErrorResponse] {
        [[.json], BodyFormat.allCases, []].flatMap { formats in
            let statuses = OpenAPIOperation.all.filter { $0.formats == formats }.flatMap(\.errorStatuses)
            return Set(statuses).sorted().map { OpenAPIErrorResponse(status: $0, formats: formats) }
        }
    }

    /// Its name among the document's pieces.
    var name: String {
        switch formats.count {
        case 0: "Error\(status)WithoutBody"
        case 1: "Error\(status)"
        default: "Error\(status)InEitherFormat"
        }
    }

    /// The response.
    var json: JSONValue {
        var response: JSONObject = [
            "description": .string(Self.descriptions.first { $0.0 == status }?.1 ?? "An error."),
            "headers": OpenAPIHeaders.references(fields),
        ]
        if !formats.isEmpty {
            response["content"] = .object(
                JSONObject(formats.map { ($0.mediaType, ["schema": .reference("schemas/ErrorEnvelope")]) }))
        }
        return .object(response)
    }

    private var fields: [String] {
        switch status {
        case 405: ["Allow"]
        case 503: ["Retry-After"]
        default: []
        }
    }

    /// What each status means here.
    private static let descriptions: [(Int, String)] = [
        (400, "The path, the header fields or the body cannot be read; the message says where and why."),
        (401, "No verified client certificate, or one whose subject is not that of a tool."),
        (403, "The certificate is another tool's; or a page of another site made a browser send it."),
        (404, "No such path, tool, config or deployment."),
        (405, "The path does not answer this method."),
        (408, "The request did not come in time."),
        (
            409,
            "Others changed the same at the same time; the key was used for another request; or the tool is being deleted."
        ),
        (412, "The stored config is not one that `If-Match` and `If-None-Match` allow; nothing was stored."),
        (413, "The body is larger than 256 KiB, or more than the cluster stores in one object."),
        (414, "The path is too long."),
        (415, "A body of this type is not read."),
        (421, "The request came over a connection for another host."),
        (422, "What was sent, or is stored, breaks a rule: one message for each mistake, with its path."),
        (500, "The gateway failed."),
        (502, "The cluster refused, or answered what makes no sense; or the service did not answer the gateway."),
        (503, "The cluster or the service is away or overloaded."),
        (504, "The cluster, or the service, did not answer in time."),
    ]
}
