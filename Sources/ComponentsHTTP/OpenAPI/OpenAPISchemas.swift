import Components
import JSON

/// The envelope and what stands in it, the config aside.
enum OpenAPISchemas {
    /// All of them by name.
    static let all: [(String, JSONValue)] = [
        ("Messages", messages(errors: ["maxItems": 0])),
        ("ErrorMessages", messages(errors: ["minItems": 1])),
        ("ErrorEnvelope", object(["messages": .reference("schemas/ErrorMessages")])),
        ("StoredConfigEnvelope", envelope(of: "StoredConfig")),
        ("DeploymentEnvelope", envelope(of: "Deployment")),
        ("HealthEnvelope", envelope(of: "Health")),
        ("ReadinessEnvelope", envelope(of: "Readiness")),
        ("Health", object(["status": ["const": "alive"]])),
        ("Readiness", object(["status": ["const": "ready"]])),
        (
            "DeployID",
            [
                "type": "string",
                "description": """
                `<tool>-deploy-<yyyymmdd-hhmmss>-<integer>`; of one that was asked for with an `Idempotency-Key`, \
                `<tool>-deploy-key-<32 hexadecimal digits>`.
                """,
                "pattern": .string(DeploymentNames.deploymentPattern),
                "maxLength": .number(JSONNumber(DeploymentNames.maximumLength)),
            ]
        ),
        (
            "EntityTags",
            [
                "type": "string", "pattern": .string(entityTagsPattern),
                "description": "`*`, or entity tags with commas between them (RFC 9110, section 13.1).",
                "examples": ["*", "\"48213\"", "\"48213\", \"48213-yaml\""],
            ]
        ),
        ("Deployment", deployment),
        ("Build", build),
        (
            "Status",
            [
                "enum": .strings(DeploymentView.statuses),
                "description": """
                Of a build, how far it is. Of a deployment: `pending` while every build is, `running` while any is not at \
                its end, then `finished` if all are, else `error`. Nothing leaves `finished` and `error` again.
                """,
            ]
        ),
        (
            "NoOptions",
            ["type": "object", "maxProperties": 0, "description": "A deployment takes no options."]
        ),
    ]

    private static let entityTagsPattern: String = {
        let tag = #"(W/)?"[!#-~\u0080-\u00FF]*""#
        return #"^[ \t]*(\*|[ \t,]*\#(tag)([ \t]*,[ \t,]*\#(tag))*[ \t,]*)[ \t]*$"#
    }()

    private static let deployment = object([
        "deploy-id": .reference("schemas/DeployID"),
        "creation-time": [
            "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$",
            "description": "In UTC.",
        ],
        "status": .reference("schemas/Status"),
        "builds": [
            "type": "object", "additionalProperties": .reference("schemas/Build"),
            "description": "The builds by component; those that reuse another's build have none.",
        ],
    ])

    private static let build = object([
        "build-id": ["type": "string", "description": "The name by which `toolforge build` knows it."],
        "status": .reference("schemas/Status"),
        "message": ["type": "string", "description": "What the cluster says of it, or why it does not run."],
    ])

    private static func messages(errors: JSONValue) -> JSONValue {
        let strings: JSONObject = ["type": "array", "items": ["type": "string"]]
        var bounded = strings
        for (key, value) in errors.objectValue?.members ?? [] { bounded[key] = value }
        return object(["info": .object(strings), "warning": .object(strings), "error": .object(bounded)])
    }

    private static func envelope(of schema: String) -> JSONValue {
        object(["data": .reference("schemas/\(schema)"), "messages": .reference("schemas/Messages")])
    }

    /// An object that has all of these members and no other.
    private static func object(_ properties: JSONObject) -> JSONValue {
        [
            "type": "object", "required": .strings(properties.keys), "additionalProperties": false,
            "properties": .object(properties),
        ]
    }
}
