import JSON

/// The OpenAPI 3.1 document of this service, without `servers`: those depend on who asks.
struct OpenAPIDocument {
    /// The version of this service.
    let version: String

    /// The document.
    var json: JSONValue {
        [
            "openapi": "3.1.0",
            "info": [
                "title": "Toolforge components API",
                "description": .string(Self.description),
                "version": .string(version),
            ],
            "tags": [
                ["name": "config", "description": "What a tool is made of."],
                ["name": "deployments", "description": "Building what a tool is made of."],
                ["name": "service", "description": "The service itself; no certificate is needed."],
            ],
            "paths": .object(Self.paths),
            "components": [
                "schemas": .object(JSONObject(OpenAPISchemas.all + OpenAPIConfigSchemas.all)),
                "parameters": .object(JSONObject(OpenAPIParameters.all)),
                "headers": .object(JSONObject(OpenAPIHeaders.all)),
                "responses": .object(JSONObject(OpenAPIErrorResponse.all.map { ($0.name, $0.json) })),
                "securitySchemes": [
                    "toolCertificate": [
                        "type": "mutualTLS",
                        "description": "The certificate of the tool in the path: subject `CN=<tool>,O=toolforge`.",
                    ]
                ],
            ],
        ]
    }

    private static let description = """
        Stores the config of a tool, builds its components and follows the builds to their end. Every answer is an \
        envelope: `data`, and `messages` with the lists `info`, `warning` and `error`. Query parameters are ignored: none \
        is known.
        """

    /// The operations by path and method.
    private static var paths: JSONObject {
        var paths = JSONObject()
        for operation in OpenAPIOperation.all {
            var path = paths[operation.path]?.objectValue ?? JSONObject()
            path[operation.method] = operation.json
            paths[operation.path] = .object(path)
        }
        return paths
    }
}

extension JSONValue {
    /// A reference to one of the document's own pieces, as `schemas/Config`.
    static func reference(_ path: String) -> JSONValue { ["$ref": .string("#/components/\(path)")] }
}
