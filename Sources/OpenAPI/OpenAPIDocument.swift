public import JSON

/// An OpenAPI 3.1 document, without `servers`: those depend on who asks.
///
/// What several operations share stands once among the document's components, and is referred to: every parameter and
/// every header by its name, and each response that has a name of its own.
public struct OpenAPIDocument: Sendable {
    /// The name of the API.
    public var title: String
    /// What it is for.
    public var description: String
    /// The version of the service.
    public var version: String
    /// The groups of operations, in the order in which readers see them.
    public var tags: [Tag]
    /// Every operation; those of one path stand together.
    public var operations: [OpenAPIOperation]
    /// The schemas, by the names that references use.
    public var schemas: [(name: String, schema: JSONValue)]
    /// The ways in which a client shows who it is, by the names that operations use.
    public var securitySchemes: [(name: String, scheme: JSONValue)]

    /// A group of operations.
    public struct Tag: Sendable, Equatable {
        /// The name that operations use.
        public var name: String
        /// What the operations are about.
        public var description: String

        /// A group.
        public init(name: String, description: String) {
            self.name = name
            self.description = description
        }
    }

    /// A document of these operations.
    public init(
        title: String, description: String, version: String, tags: [Tag], operations: [OpenAPIOperation],
        schemas: [(name: String, schema: JSONValue)], securitySchemes: [(name: String, scheme: JSONValue)]
    ) {
        self.title = title
        self.description = description
        self.version = version
        self.tags = tags
        self.operations = operations
        self.schemas = schemas
        self.securitySchemes = securitySchemes
    }

    /// The document.
    public var json: JSONValue {
        let responses = operations.flatMap(\.responses)
        let headers = responses.flatMap(\.headers)
        return [
            "openapi": "3.1.0",
            "info": ["title": .string(title), "description": .string(description), "version": .string(version)],
            "tags": .array(tags.map { ["name": .string($0.name), "description": .string($0.description)] }),
            "paths": .object(paths),
            "components": [
                "schemas": .object(JSONObject(schemas.map { ($0.name, $0.schema) })),
                "parameters": Self.pieces(operations.flatMap(\.parameters).map { ($0.name, $0.json) }),
                "headers": Self.pieces(headers.map { ($0.name, $0.json) }),
                "responses": Self.pieces(
                    responses.compactMap { response in response.name.map { ($0, response.json) } }),
                "securitySchemes": .object(JSONObject(securitySchemes.map { ($0.name, $0.scheme) })),
            ],
        ]
    }

    /// What is wrong with the document: references that lead nowhere, tags, security schemes and ids that do not fit;
    /// a sentence each, without its full stop.
    public var faults: [String] {
        var faults: [String] = []
        var ids: Set<String> = []
        let names = Set(schemas.map(\.name))
        for operation in operations {
            let row = "\(operation.method.uppercased()) \(operation.path)"
            if !ids.insert(operation.id).inserted { faults.append("\(row): the id \(operation.id) is used twice") }
            if !tags.contains(where: { $0.name == operation.tag }) {
                faults.append("\(row): there is no tag \(operation.tag)")
            }
            for scheme in operation.security where !securitySchemes.contains(where: { $0.name == scheme }) {
                faults.append("\(row): there is no security scheme \(scheme)")
            }
            for reference in operation.schemaReferences where !names.contains(reference) {
                faults.append("\(row): there is no schema \(reference)")
            }
        }
        for (name, schema) in schemas {
            for reference in schema.schemaReferences where !names.contains(reference) {
                faults.append("the schema \(name) refers to \(reference), which is not there")
            }
        }
        let responses = operations.flatMap(\.responses)
        faults += Self.ambiguous("parameter", operations.flatMap(\.parameters).map { ($0.name, $0.json) })
        faults += Self.ambiguous("header", responses.flatMap(\.headers).map { ($0.name, $0.json) })
        faults += Self.ambiguous(
            "response", responses.compactMap { response in response.name.map { ($0, response.json) } })
        return faults
    }

    /// A sentence for each name that stands for two different pieces.
    private static func ambiguous(_ kind: String, _ pieces: [(String, JSONValue)]) -> [String] {
        var first: [String: JSONValue] = [:]
        var names: [String] = []
        for (name, piece) in pieces where first.updateValue(first[name] ?? piece, forKey: name) ?? piece != piece {
            if !names.contains(name) { names.append(name) }
        }
        return names.map { "the \(kind) \($0) has two meanings" }
    }

    /// The operations by path and method.
    private var paths: JSONObject {
        var paths = JSONObject()
        for operation in operations {
            var path = paths[operation.path]?.objectValue ?? JSONObject()
            path[operation.method] = operation.json
            paths[operation.path] = .object(path)
        }
        return paths
    }

    /// Pieces by name, each once, in the order in which they are first used.
    private static func pieces(_ pieces: [(String, JSONValue)]) -> JSONValue {
        var result = JSONObject()
        for (name, piece) in pieces where result[name] == nil { result[name] = piece }
        return .object(result)
    }
}

extension JSONValue {
    /// A reference to one of the document's own schemas.
    public static func schema(_ name: String) -> JSONValue { .component("schemas", name) }

    /// A reference to a piece of the document.
    static func component(_ kind: String, _ name: String) -> JSONValue {
        ["$ref": .string("#/components/\(kind)/\(name)")]
    }

    /// The names of the schemas that are referred to, anywhere in the value.
    var schemaReferences: [String] {
        switch self {
        case .array(let elements): elements.flatMap(\.schemaReferences)
        case .object(let object):
            object.members.flatMap { key, value -> [String] in
                let prefix = "#/components/schemas/"
                guard key == "$ref", let target = value.stringValue, target.hasPrefix(prefix) else {
                    return value.schemaReferences
                }
                return [String(target.dropFirst(prefix.count))]
            }
        case .null, .bool, .number, .string: []
        }
    }
}
