import JSON

/// One method of one path, as a document describes it.
struct DescribedOperation {
    /// The document that it belongs to.
    let api: DescribedAPI
    /// The path, its parameters in braces.
    let path: String
    /// The method, in upper case.
    let method: String
    /// Its JSON in the document.
    let json: JSONValue

    /// Its anchor in the page.
    var id: String { json["operationId"]?.stringValue ?? "\(method)\(path)" }

    /// The group that it belongs to.
    var tag: String { json["tags"]?.arrayValue?.first?.stringValue ?? "other" }

    /// Its summary.
    var summary: String? { json["summary"]?.stringValue }

    /// Its parameters.
    var parameters: [DescribedParameter] {
        (json["parameters"]?.arrayValue ?? []).map { DescribedParameter(api: api, json: api.resolve($0)) }
    }

    /// The request body, if it has one.
    var body: JSONValue? { json["requestBody"].map(api.resolve) }

    /// Whether it needs a client certificate.
    var needsCertificate: Bool { json["security"]?.arrayValue?.isEmpty == false }

    /// Its responses, in the order of the document.
    var responses: [DescribedResponse] {
        (json["responses"]?.objectValue?.members ?? []).map { status, json in
            DescribedResponse(api: api, status: status, json: api.resolve(json))
        }
    }
}

/// A parameter of a request.
struct DescribedParameter {
    /// The document that it belongs to.
    let api: DescribedAPI
    /// Its JSON in the document.
    let json: JSONValue

    /// Its name.
    var name: String { json["name"]?.stringValue ?? "" }

    /// Its place: `path`, `query`, `header`.
    var place: String { json["in"]?.stringValue ?? "" }

    /// Whether it is required.
    var isRequired: Bool { json["required"]?.boolValue ?? false }

    /// An example value; empty if the document has none.
    var example: String {
        guard let example = json["example"] else { return "" }
        return example.stringValue ?? example.text()
    }
}
