import Components
import JSON
import OpenAPI

/// What stands in the envelopes of `NativeAPI`, the config aside.
enum NativeSchemas {
    /// All of them by name.
    static let all: [(name: String, schema: JSONValue)] = [
        ("StoredConfigEnvelope", Envelope.schema(of: "StoredConfig")),
        ("DeploymentEnvelope", Envelope.schema(of: "Deployment")),
        ("DeploymentsEnvelope", Envelope.schema(of: "Deployments")),
        ("DeploymentOrPlanEnvelope", Envelope.schema(of: "DeploymentOrPlan")),
        ("DeploymentOrPlan", ["anyOf": [.schema("Deployment"), .schema("Plan")]]),
        ("Plan", PlanSchemas.plan),
        (
            "Deployments",
            .closedObject([
                "deployments": [
                    "type": "array",
                    "items": ["anyOf": [.schema("Deployment"), .schema("UnreadableDeployment")]],
                ]
            ])
        ),
        (
            "UnreadableDeployment",
            .closedObject([
                "deploy-id": ["type": "string"], "status": ["type": "string", "const": "unreadable"],
            ])
        ),
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
        ("BuildLog", ["type": "string", "description": "Lines, each with its line feed."]),
        ("DeploymentEvents", ["type": "string", "description": "Lines, or events with an empty line behind each."]),
        ("Deployment", deployment),
        ("Build", build),
        ("LogTail", logTail),
        ("ConfigSource", configSource),
        (
            "Status",
            [
                "type": "string", "enum": .strings(DeploymentView.statuses),
                "description": """
                Of a build, how far it is. Of a deployment: `pending` while every build is, `running` while any is not at \
                its end, then `finished` if all are, else `error`. Nothing leaves `finished` and `error` again.
                """,
            ]
        ),
        ("Reason", reason),
        ("DeployOptions", deployOptions),
    ]

    private static let entityTagsPattern: String = {
        let tag = #"(W/)?"[!#-~\u0080-\u00FF]*""#
        return #"^[ \t]*(\*|[ \t,]*\#(tag)([ \t]*,[ \t,]*\#(tag))*[ \t,]*)[ \t]*$"#
    }()

    private static let deployment = JSONValue.closedObject(
        [
            "deploy-id": .schema("DeployID"),
            "creation-time": time,
            "status": .schema("Status"),
            "builds": [
                "type": "object", "additionalProperties": .schema("Build"),
                "description": """
                The builds by component. One with `reuse-from` has no build of its own: what stands there is the build that it \
                takes.
                """,
            ],
        ],
        optional: [
            "reason": .schema("Reason"),
            "requested-by": [
                "type": "string", "description": "Who asked for it: a person, if the gateway says so, else the tool.",
            ],
            "components": [
                "type": "array", "items": ["type": "string"],
                "description": "The components that were asked for; absent if all were.",
            ],
            "description": ["type": "string", "description": "The words that were sent with the request."],
            "config-source": .schema("ConfigSource"),
            "cancelled-by": ["type": "string", "description": "Who cancelled it."],
            "superseded-by": ["type": "string", "description": "The id of the deployment that took its place."],
        ])

    private static let build = JSONValue.closedObject(
        [
            "build-id": ["type": "string", "description": "The name by which `toolforge build` knows it."],
            "status": .schema("Status"),
            "message": ["type": "string", "description": "What the cluster says of it, or why it does not run."],
        ],
        optional: [
            "reason": .schema("Reason"),
            "ref": ["type": "string", "description": "The branch, tag or commit that was asked for."],
            "commit": ["type": "string", "description": "The commit that is built, if it is known."],
            "image": ["type": "string", "description": "The image that was built, with its digest."],
            "builder": ["type": "string", "description": "The image of the buildpacks that built it."],
            "reuse-from": ["type": "string", "description": "The component whose build it takes."],
            "taken-from": [
                "type": "string",
                "description": "The earlier deployment whose build this is, because nothing has changed since.",
            ],
            "started": time, "ended": time, "log-tail": .schema("LogTail"),
        ])

    private static let logTail = JSONValue.closedObject(
        [
            "step": ["type": "string", "description": "The step that failed, or had written last."],
            "lines": ["type": "array", "items": ["type": "string"], "description": "Its last lines, 4 KiB at most."],
        ],
        optional: ["exit-code": ["type": "integer", "description": "The code with which the step ended."]])

    private static let configSource: JSONValue = {
        var schema =
            JSONValue.closedObject([
                "url": ["type": "string", "description": "The URL that the stored config names."],
                "sha256": ["type": "string", "description": "The SHA-256 of the bytes that were fetched."],
                "fetched": time,
            ]).objectValue ?? [:]
        schema["description"] = "Where the config that is deployed was fetched, if the stored one names another."
        return .object(schema)
    }()

    static let time: JSONValue = [
        "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$",
        "description": "In UTC.",
    ]

    private static let reason: JSONValue = [
        "type": "string", "enum": .strings(Reason.allCases.map(\.rawValue)),
        "description": .string(
            "Why it did not succeed, does not begin, or is being ended: a word for programs.\n\n"
                + Reason.allCases.map { "- `\($0.rawValue)`: \($0.sentence); \($0.nextStep)." }.joined(separator: "\n")),
    ]

    private static let deployOptions: JSONValue = [
        "type": "object", "additionalProperties": false,
        "properties": [
            "overlap": [
                "type": "string", "enum": .strings(DeploymentOptions.Overlap.allCases.map(\.rawValue)),
                "description": """
                What happens if another deployment of the tool has not ended: `allow` lets both go on (they push to the same \
                tags, and the older may end last), `reject` does not start this one (409; of several at the same moment one \
                is started), `supersede` ends the older ones.
                """,
            ],
            "description": [
                "type": "string", "maxLength": .number(JSONNumber(DeploymentOptions.maximumDescriptionLength)),
                "description": "Words of your own, which are shown with the deployment.",
            ],
            "components": [
                "type": "array", "minItems": 1, "maxItems": .number(JSONNumber(ConfigGrammar.maximumComponents)),
                "uniqueItems": true,
                "items": [
                    "type": "string", "pattern": .string(ConfigGrammar.namePattern), "minLength": 1,
                    "maxLength": .number(JSONNumber(ConfigGrammar.maximumNameLength)),
                ],
                "description": """
                The names of the components that are deployed, if not all are. A component whose build one of them reuses is \
                deployed with it.
                """,
            ],
            "skip-unchanged": [
                "type": "boolean",
                "description": """
                Whether components are not built of which nothing has changed since their newest good build. Every one is built \
                where the service does not know the image registry; a warning says so.
                """,
            ],
            "force-build": [
                "type": "boolean",
                "description": "Whether every component is built, also where what has not changed would be left out.",
            ],
            "ref": [
                "type": "string", "maxLength": .number(JSONNumber(ConfigGrammar.maximumRefLength)),
                "description": """
                A branch, tag or commit in place of those of the config, for all components that are built: they must have one \
                repository. Only one of `ref`, `refs` and `from` may be given.
                """,
            ],
            "refs": [
                "type": "object",
                "additionalProperties": [
                    "type": "string", "maxLength": .number(JSONNumber(ConfigGrammar.maximumRefLength)),
                ],
                "description": "A branch, tag or commit in place of that of the config, by component.",
            ],
            "from": [
                "type": "string", "maxLength": .number(JSONNumber(DeploymentNames.maximumLength)),
                "description": "The id of an earlier deployment, whose config and commits are deployed again.",
            ],
        ],
    ]

    /// A deployment that has succeeded.
    static let finishedExample: JSONValue = [
        "deploy-id": "demo-deploy-20261122-101500-48213", "creation-time": "2026-11-22 10:15:00", "status": "finished",
        "builds": [
            "web": [
                "build-id": "demo-buildpacks-pipelinerun-3f8a0c5d9b21", "status": "finished",
                "message": "Tasks Completed: 1 (Failed: 0, Cancelled 0), Skipped: 0",
            ]
        ],
    ]

    /// A deployment that is under way.
    static let deploymentExample: JSONValue = [
        "deploy-id": "demo-deploy-20261122-101500-48213", "creation-time": "2026-11-22 10:15:00", "status": "running",
        "builds": [
            "web": [
                "build-id": "demo-buildpacks-pipelinerun-3f8a0c5d9b21", "status": "running",
                "message": "Tasks Completed: 0 (Failed: 0, Cancelled 0), Incomplete: 1, Skipped: 0",
            ]
        ],
    ]
}
