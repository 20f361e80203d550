import Components
import JSON

/// What varies in a path.
enum OpenAPIParameters {
    /// All of them by name.
    static let all: [(String, JSONValue)] = [
        (
            "tool",
            [
                "name": "tool", "in": "path", "required": true, "description": "The name of the tool.",
                "schema": [
                    "type": "string", "pattern": "^[a-z]([-a-z0-9]*[a-z0-9])?$", "minLength": 1,
                    "maxLength": .number(JSONNumber(ToolName.maximumLength)),
                ],
                "example": "demo",
            ]
        ),
        (
            "deploy-id",
            [
                "name": "deploy-id", "in": "path", "required": true,
                "description": "The id of the deployment, as the answer to its start gave it.",
                "schema": .reference("schemas/DeployID"), "example": "demo-deploy-20261122-101500-48213",
            ]
        ),
    ]

    /// References to the parameters of a path.
    static func references(of path: String) -> JSONValue {
        .array(all.filter { path.contains("{\($0.0)}") }.map { .reference("parameters/\($0.0)") })
    }
}
