public import JSON

/// One method of one path, as the document describes it.
public struct OpenAPIOperation: Sendable {
    /// The path, its parameters in braces.
    public var path: String
    /// The method, in lower case.
    public var method: String
    /// `operationId`.
    public var id: String
    /// The group that it belongs to.
    public var tag: String
    /// A few words.
    public var summary: String
    /// What else there is to say.
    public var description: String?
    /// What varies in a request, its body aside.
    public var parameters: [OpenAPIParameter]
    /// What is read, if anything.
    public var body: OpenAPIBody?
    /// Every response, one for each status, in the order of the statuses.
    public var responses: [OpenAPIResponse]
    /// The ways in which a client may show who it is; none where nobody is asked.
    public var security: [String]

    /// An operation.
    public init(
        path: String, method: String, id: String, tag: String, summary: String, description: String? = nil,
        parameters: [OpenAPIParameter] = [], body: OpenAPIBody? = nil, responses: [OpenAPIResponse],
        security: [String] = []
    ) {
        self.path = path
        self.method = method
        self.id = id
        self.tag = tag
        self.summary = summary
        self.description = description
        self.parameters = parameters
        self.body = body
        self.responses = responses
        self.security = security
    }

    var json: JSONValue {
        var operation: JSONObject = [
            "operationId": .string(id), "tags": [.string(tag)], "summary": .string(summary),
        ]
        operation["description"] = description.map(JSONValue.string)
        if !parameters.isEmpty {
            operation["parameters"] = .array(parameters.map { .component("parameters", $0.name) })
        }
        operation["requestBody"] = body?.json
        operation["responses"] = .object(JSONObject(responses.map { (String($0.status), $0.referenceOrJSON) }))
        operation["security"] = .array(security.map { .object(JSONObject([($0, JSONValue.array([]))])) })
        return .object(operation)
    }

    /// The names of the schemas that it refers to.
    var schemaReferences: [String] {
        parameters.flatMap(\.schema.schemaReferences) + (body?.json.schemaReferences ?? [])
            + responses.flatMap(\.json.schemaReferences)
    }
}

/// Something in a request that varies.
///
/// A name has one meaning in the whole document.
public struct OpenAPIParameter: Sendable, Equatable {
    /// The name.
    public var name: String
    /// Where it stands.
    public var place: Place
    /// Whether it must be given.
    public var isRequired: Bool
    /// What it means.
    public var description: String
    /// Its schema.
    public var schema: JSONValue
    /// What could stand there.
    public var example: JSONValue?

    /// Where a parameter stands.
    public enum Place: String, Sendable {
        case path, query, header
    }

    /// A parameter.
    public init(
        _ name: String, in place: Place, isRequired: Bool, description: String, schema: JSONValue,
        example: JSONValue? = nil
    ) {
        self.name = name
        self.place = place
        self.isRequired = isRequired
        self.description = description
        self.schema = schema
        self.example = example
    }

    var json: JSONValue {
        var parameter: JSONObject = [
            "name": .string(name), "in": .string(place.rawValue), "required": .bool(isRequired),
            "description": .string(description), "schema": schema,
        ]
        parameter["example"] = example
        return .object(parameter)
    }
}

/// The body that an operation reads.
public struct OpenAPIBody: Sendable, Equatable {
    /// Whether it must be sent.
    public var isRequired: Bool
    /// The types that are read, each with the same meaning.
    public var mediaTypes: [String]
    /// Its schema.
    public var schema: JSONValue
    /// What could be sent.
    public var examples: [Example]

    /// A body that could be sent.
    public struct Example: Sendable, Equatable {
        var name: String
        var summary: String?
        var value: JSONValue

        /// An example.
        public init(_ name: String, summary: String? = nil, value: JSONValue) {
            self.name = name
            self.summary = summary
            self.value = value
        }

        var json: JSONValue {
            var example = JSONObject()
            example["summary"] = summary.map(JSONValue.string)
            example["value"] = value
            return .object(example)
        }
    }

    /// A body.
    public init(isRequired: Bool, mediaTypes: [String], schema: JSONValue, examples: [Example]) {
        self.isRequired = isRequired
        self.mediaTypes = mediaTypes
        self.schema = schema
        self.examples = examples
    }

    var json: JSONValue {
        let content: JSONValue = [
            "schema": schema, "examples": .object(JSONObject(examples.map { ($0.name, $0.json) })),
        ]
        return [
            "required": .bool(isRequired), "content": .object(JSONObject(mediaTypes.map { ($0, content) })),
        ]
    }
}

/// What an operation answers with one status.
public struct OpenAPIResponse: Sendable {
    /// The status.
    public var status: Int
    /// What it means.
    public var description: String
    /// The header fields that it may have.
    public var headers: [OpenAPIHeader]
    /// The types in which the body may come; none where there is no body.
    public var mediaTypes: [String]
    /// The types, beside those, of a body that is text for people.
    public var textTypes: [String]
    /// The types, beside those, of a body of another schema.
    public var others: [(mediaType: String, schema: JSONValue)]
    /// The schema of the body.
    public var schema: JSONValue
    /// A body that could be answered.
    public var example: JSONValue?
    /// The name under which the document keeps it once for all operations that refer to it; `nil` for one of this
    /// operation alone.
    public var name: String?

    /// A response.
    public init(
        _ status: Int, description: String, headers: [OpenAPIHeader], mediaTypes: [String],
        textTypes: [String] = [], others: [(mediaType: String, schema: JSONValue)] = [], schema: JSONValue,
        example: JSONValue? = nil, name: String? = nil
    ) {
        self.status = status
        self.description = description
        self.headers = headers
        self.mediaTypes = mediaTypes
        self.textTypes = textTypes
        self.others = others
        self.schema = schema
        self.example = example
        self.name = name
    }

    var json: JSONValue {
        var response: JSONObject = [
            "description": .string(description),
            "headers": .object(JSONObject(headers.map { ($0.name, .component("headers", $0.name)) })),
        ]
        if !mediaTypes.isEmpty {
            var content: JSONObject = ["schema": schema]
            content["example"] = example
            let texts = textTypes.map { ($0, JSONValue.object(["schema": ["type": "string"]])) }
            let others = others.map { ($0.mediaType, JSONValue.object(["schema": $0.schema])) }
            response["content"] = .object(JSONObject(mediaTypes.map { ($0, .object(content)) } + others + texts))
        }
        return .object(response)
    }

    var referenceOrJSON: JSONValue { name.map { .component("responses", $0) } ?? json }
}

/// A header field of a response.
///
/// A name has one meaning in the whole document.
public struct OpenAPIHeader: Sendable, Equatable {
    /// The name.
    public var name: String
    /// What it says.
    public var description: String
    /// Its schema.
    public var schema: JSONValue
    /// Whether every response that lists it has it.
    public var isRequired: Bool
    /// What it could be.
    public var example: JSONValue?

    /// A header field.
    public init(
        _ name: String, description: String, schema: JSONValue, isRequired: Bool = false, example: JSONValue? = nil
    ) {
        self.name = name
        self.description = description
        self.schema = schema
        self.isRequired = isRequired
        self.example = example
    }

    var json: JSONValue {
        var header: JSONObject = ["description": .string(description)]
        if isRequired { header["required"] = true }
        header["schema"] = schema
        header["example"] = example
        return .object(header)
    }
}
