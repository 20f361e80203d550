import Components
import JSON
import OpenAPI

/// What stands in the envelopes of `FieldAPI`.
///
/// The config has the schemas of `ConfigSchemas`.
enum FieldSchemas {
    /// All of them by name.
    static let all: [(name: String, schema: JSONValue)] = [
        ("ComponentsMessages", messages),
        ("ComponentsHealthEnvelope", envelope(of: "ComponentsHealth")),
        ("ComponentsConfigEnvelope", envelope(of: "StoredConfig")),
        ("ComponentsDeploymentEnvelope", envelope(of: "ComponentsDeployment")),
        ("ComponentsDeploymentsEnvelope", envelope(of: "ComponentsDeployments")),
        ("ComponentsTokenEnvelope", envelope(of: "DeployToken")),
        ("ComponentsHealth", .closedObject(["status": ["type": "string", "const": "OK"]])),
        (
            "ComponentsDeployments",
            .closedObject(["deployments": ["type": "array", "items": .schema("ComponentsDeployment")]])
        ),
        ("ComponentsDeployment", deployment),
        ("ComponentsBuild", build),
        ("ComponentsRun", run),
        (
            "ComponentsDeploymentBody",
            [
                "type": ["object", "null"], "additionalProperties": false,
                "properties": [
                    "description": [
                        "type": ["string", "null"], "description": "What is deployed and why.",
                        "maxLength": .number(JSONNumber(DeploymentOptions.maximumDescriptionLength)),
                    ],
                    "overlap": [
                        "type": ["string", "null"],
                        "enum": .array(
                            DeploymentOptions.Overlap.allCases.map { .string($0.rawValue) } + [.null]),
                        "description": "What happens if another deployment has not ended.",
                    ],
                    "skip-unchanged": [
                        "type": ["boolean", "null"], "description": "As the query parameter of that name.",
                    ],
                    "force-build": [
                        "type": ["boolean", "null"], "description": "As the query parameter of that name.",
                    ],
                ],
            ]
        ),
        (
            "DeployToken",
            [
                "type": "object", "required": ["creation_date"], "additionalProperties": false,
                "properties": [
                    "token": [
                        "type": "string", "format": "uuid",
                        "description": "A secret. It is absent if it can no longer be told.",
                    ],
                    "creation_date": ["type": "string", "format": "date-time"],
                ],
            ]
        ),
    ]

    /// The schema of an envelope of this family whose data is of that schema.
    private static func envelope(of data: String) -> JSONValue {
        .closedObject(["data": .schema(data), "messages": .schema("ComponentsMessages")])
    }

    /// Lists that are empty may be absent.
    private static let messages: JSONValue = {
        let strings: JSONObject = ["type": "array", "items": ["type": "string"]]
        var none = strings
        none["maxItems"] = 0
        return [
            "type": "object", "additionalProperties": false,
            "properties": ["info": .object(strings), "warning": .object(strings), "error": .object(none)],
        ]
    }()

    /// Only the id and the time are there where what is stored cannot be read.
    private static let deployment: JSONValue = [
        "type": "object", "required": ["deploy_id", "creation_time", "builds", "runs", "long_status"],
        "additionalProperties": false,
        "properties": [
            "deploy_id": ["type": "string"],
            "creation_time": ["type": "string", "description": "`yyyymmdd-hhmmss` in UTC."],
            "description": ["type": "string"],
            "builds": ["type": "object", "additionalProperties": .schema("ComponentsBuild")],
            "runs": ["type": "object", "additionalProperties": .schema("ComponentsRun")],
            "tool_config": ["type": "object", "description": "The config as it was when the deployment began."],
            "config_source": .schema("ConfigSource"),
            "status": ["type": "string", "enum": .strings(FieldDeploymentView.statuses)],
            "long_status": ["type": "string"],
            "force_build": ["type": "boolean"],
            "force_run": ["type": "boolean"],
        ],
    ]

    private static let build: JSONValue = [
        "type": "object", "required": ["build_id", "build_status", "build_long_status"],
        "additionalProperties": false,
        "properties": [
            "build_id": [
                "type": "string", "description": "The name of the build; `no-build-needed` where another's is used.",
            ],
            "build_status": ["type": "string", "enum": .strings(FieldDeploymentView.buildStatuses)],
            "build_image": ["type": "string"],
            "build_long_status": ["type": "string"],
        ],
    ]

    private static let run = JSONValue.closedObject([
        "run_status": [
            "type": "string", "enum": ["pending", "failed", "successful", "skipped", "unknown"],
            "description": "`skipped` in this version, which starts no jobs.",
        ],
        "run_long_status": ["type": "string"],
    ])

    /// A deployment that is under way.
    static let deploymentExample: JSONValue = [
        "deploy_id": "demo-deploy-20261122-101500-48213", "creation_time": "20261122-101500",
        "description": "the new front page",
        "builds": [
            "web": [
                "build_id": "demo-buildpacks-pipelinerun-3f8a0c5d9b21", "build_status": "running",
                "build_image": "no-image-yet",
                "build_long_status": .string(
                    "Tasks Completed: 0 (Failed: 0, Cancelled 0), Incomplete: 1, Skipped: 0. "
                        + FieldTexts.logs(of: "demo-buildpacks-pipelinerun-3f8a0c5d9b21")),
            ]
        ],
        "runs": ["web": ["run_status": "skipped", "run_long_status": .string(FieldTexts.run(of: "web"))]],
        "tool_config": ConfigSchemas.minimalExample, "status": "running",
        "long_status": "Started at 2026-11-22 10:15:00+00:00", "force_build": false, "force_run": false,
    ]

    /// A token that nobody has.
    static let tokenExample: JSONValue = [
        "token": "00000000-0000-4000-8000-000000000000", "creation_date": "2026-11-22T07:33:11.014828Z",
    ]
}
