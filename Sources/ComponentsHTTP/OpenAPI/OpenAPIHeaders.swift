import JSON

/// Header fields of the answers.
enum OpenAPIHeaders {
    /// All of them by name.
    static let all: [(String, JSONValue)] = [
        (
            "X-Request-Id",
            [
                "description": """
                The id of this exchange in the logs: the request's own `X-Request-Id` if it matches \
                `[A-Za-z0-9._-]{1,64}`, else a new one.
                """,
                "schema": ["type": "string"],
            ]
        ),
        (
            "Cache-Control", ["description": "Nothing may be kept.", "schema": ["type": "string"]]
        ),
        (
            "ETag",
            [
                "description": """
                Names the config as it is now, for `If-Match` and `If-None-Match`; JSON and YAML differ.
                """,
                "required": true, "schema": ["type": "string", "pattern": "^\"[!#-~]+\"$"], "example": "\"48213\"",
            ]
        ),
        (
            "Idempotent-Replayed",
            [
                "description": "The deployment was started by an earlier request with the same `Idempotency-Key`.",
                "required": true, "schema": ["const": "true"],
            ]
        ),
        (
            "Location",
            [
                "description": "The path of the deployment, with the prefix under which this service is reached.",
                "required": true, "schema": ["type": "string", "format": "uri-reference"],
            ]
        ),
        (
            "Allow", ["description": "The methods that the path answers.", "schema": ["type": "string"]]
        ),
        (
            "Retry-After",
            ["description": "The seconds after which to try again.", "schema": ["type": "integer", "minimum": 0]]
        ),
    ]

    /// References to the fields that every answer has, and those named.
    static func references(_ names: [String] = []) -> JSONValue {
        .object(
            JSONObject((["X-Request-Id", "Cache-Control"] + names).map { ($0, JSONValue.reference("headers/\($0)")) }))
    }
}
