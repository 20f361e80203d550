import JSON

/// One method of one path, as a document describes it.
struct DescribedOperation {
    /// The document that it stands in.
    let api: DescribedAPI
    /// The path, its parameters in braces.
    let path: String
    /// The method, in upper case.
    let method: String
    /// What the document says.
    let json: JSONValue

    /// Its name in the page's links.
    var id: String { json["operationId"]?.stringValue ?? "\(method)\(path)" }

    /// The group that it belongs to.
    var tag: String { json["tags"]?.arrayValue?.first?.stringValue ?? "other" }

    /// One sentence.
    var summary: String? { json["summary"]?.stringValue }

    /// What can be varied.
    var parameters: [DescribedParameter] {
        (json["parameters"]?.arrayValue ?? []).map { DescribedParameter(api: api, json: api.resolve($0)) }
    }

    /// What is read, if anything.
    var body: JSONValue? { json["requestBody"].map(api.resolve) }

    /// Whether it takes a client certificate.
    var needsCertificate: Bool { json["security"]?.arrayValue?.isEmpty == false }

    /// Every response by its status.
    var responses: [DescribedResponse] {
        (json["responses"]?.objectValue?.members ?? []).map { status, json in
            DescribedResponse(api: api, status: status, json: api.resolve(json))
        }
    }
}

/// Something in a request that can be varied.
struct DescribedParameter {
    /// The document that it stands in.
    let api: DescribedAPI
    /// What the document says.
    let json: JSONValue

    /// Its name.
    var name: String { json["name"]?.stringValue ?? "" }

    /// Where it stands: `path`, `query`, `header`.
    var place: String { json["in"]?.stringValue ?? "" }

    /// Whether it must be given.
    var isRequired: Bool { json["required"]?.boolValue ?? false }

    /// What could stand there, or nothing.
    var example: String {
        guard let example = json["example"] else { return "" }
        return example.stringValue ?? example.text()
    }
}
