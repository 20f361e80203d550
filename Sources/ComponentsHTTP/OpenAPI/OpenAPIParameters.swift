import Components
import JSON

/// What varies in a request, its body aside: parts of the path, and header fields.
enum OpenAPIParameters {
    /// All of them by name.
    static let all: [(String, JSONValue)] = [
        (
            "tool",
            [
                "name": "tool", "in": "path", "required": true, "description": "The name of the tool.",
                "schema": [
                    "type": "string", "pattern": .string(ToolName.pattern), "minLength": 1,
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
        (
            "If-Match",
            [
                "name": "If-Match", "in": "header", "required": false,
                "description": """
                Only if the stored config is still the one of this `ETag`, or of one of several with commas between them; \
                `*` is any. Else 412. Tags of either format will do; one that begins with `W/` matches nothing.
                """,
                "schema": .reference("schemas/EntityTags"),
            ]
        ),
        (
            "If-None-Match",
            [
                "name": "If-None-Match", "in": "header", "required": false,
                "description": """
                Only if the config is none of these: reading is answered 304 if it is, in the format that is asked for; \
                storing 412. `*` is any, so a config is stored with it only where there is none.
                """,
                "schema": .reference("schemas/EntityTags"),
            ]
        ),
        (
            "Idempotency-Key",
            [
                "name": "Idempotency-Key", "in": "header", "required": false,
                "description": """
                A name of your own for this request, such as a UUID, once: sent again with it, it is answered with the \
                deployment that it started, as long as that one is kept, and starts no other.
                """,
                "schema": [
                    "type": "string", "pattern": .string(IdempotencyKey.pattern), "minLength": 1,
                    "maxLength": .number(JSONNumber(IdempotencyKey.maximumLength)),
                ],
            ]
        ),
    ]

    /// References to the parameters of a path, and to those of the names.
    static func references(of path: String, and names: [String]) -> JSONValue {
        let inPath = all.map(\.0).filter { path.contains("{\($0)}") }
        return .array((inPath + names).map { .reference("parameters/\($0)") })
    }
}
