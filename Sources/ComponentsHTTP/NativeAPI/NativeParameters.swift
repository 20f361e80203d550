import Components
import JSON
import OpenAPI

extension OpenAPIParameter {
    static let tool = OpenAPIParameter(
        Endpoint.toolParameter, in: .path, isRequired: true, description: "The name of the tool.",
        schema: [
            "type": "string", "pattern": .string(ToolName.pattern), "minLength": 1,
            "maxLength": .number(JSONNumber(ToolName.maximumLength)),
        ],
        example: "demo")

    static let deployID = OpenAPIParameter(
        "deploy-id", in: .path, isRequired: true,
        description:
            "The id of the deployment, as the answer to its start gave it; `latest` is the newest one, but not to remove it.",
        schema: ["anyOf": [.schema("DeployID"), ["const": .string(NativeHandlers.latest)]]],
        example: "demo-deploy-20261122-101500-48213")

    static let limit = OpenAPIParameter(
        "limit", in: .query, isRequired: false, description: "At most so many, the newest.",
        schema: ["type": "integer", "minimum": 1, "maximum": .number(JSONNumber(NativeHandlers.maximumLimit))])

    static let status = OpenAPIParameter(
        "status", in: .query, isRequired: false, description: "Only those that have this status.",
        schema: ["type": "string", "enum": .strings(DeploymentView.listedStatuses)])

    static let component = OpenAPIParameter(
        "component", in: .path, isRequired: true, description: "The name of the component, as in the config.",
        schema: [
            "type": "string", "pattern": .string(ConfigGrammar.namePattern), "minLength": 1,
            "maxLength": .number(JSONNumber(ConfigGrammar.maximumNameLength)),
        ], example: "web")

    static let follow = OpenAPIParameter(
        "follow", in: .query, isRequired: false,
        description: "Whether to go on until the build ends, and to wait for one that has not begun.", schema: bool)

    static let tail = OpenAPIParameter(
        "tail", in: .query, isRequired: false, description: "Only so many lines from the end of each step.",
        schema: ["type": "integer", "minimum": 0, "maximum": .number(JSONNumber(BuildLogParameters.maximumTail))])

    static let since = OpenAPIParameter(
        "since", in: .query, isRequired: false,
        description: "Only what was written since then, to the second (RFC 3339).",
        schema: ["type": "string", "format": "date-time"], example: "2026-11-22T10:15:00Z")

    static let timestamps = OpenAPIParameter(
        "timestamps", in: .query, isRequired: false,
        description: "Whether each line of the text shows when it was written; JSON lines always do.", schema: bool)

    private static let bool: JSONValue = ["type": "boolean"]

    static let wait = OpenAPIParameter(
        "wait", in: .query, isRequired: false,
        description: "How many seconds to wait for the end of the deployment, at most.",
        schema: ["type": "integer", "minimum": 1, "maximum": .number(JSONNumber(NativeHandlers.maximumWait))])

    static let lastEventID = OpenAPIParameter(
        "Last-Event-ID", in: .header, isRequired: false,
        description: "The `id` of the last event that came before: that one is not sent again. Browsers send it.",
        schema: ["type": "string"])

    static let dryRun = OpenAPIParameter(
        "dry-run", in: .query, isRequired: false,
        description: "Only say what the request would do: nothing is stored or started.", schema: ["type": "boolean"])

    static let ifMatch = OpenAPIParameter(
        "If-Match", in: .header, isRequired: false,
        description: """
            Only if the stored config is still the one of this `ETag`, or of one of several with commas between them; `*` is \
            any. Else 412. Tags of either format will do; one that begins with `W/` matches nothing.
            """,
        schema: .schema("EntityTags"))

    static let ifNoneMatch = OpenAPIParameter(
        "If-None-Match", in: .header, isRequired: false,
        description: """
            Only if the config is none of these: reading is answered 304 if it is, in the format that is asked for; storing \
            412. `*` is any, so a config is stored with it only where there is none.
            """,
        schema: .schema("EntityTags"))

    static let idempotencyKey = OpenAPIParameter(
        "Idempotency-Key", in: .header, isRequired: false,
        description: """
            A name of your own for this request, such as a UUID, once: sent again with it, it is answered with the deployment \
            that it started, as long as that one is kept, and starts no other.
            """,
        schema: [
            "type": "string", "pattern": .string(IdempotencyKey.pattern), "minLength": 1,
            "maxLength": .number(JSONNumber(IdempotencyKey.maximumLength)),
        ])
}

// A field has one meaning in the whole document: none of these is there after a dry run.
extension OpenAPIHeader {
    static let eTag = OpenAPIHeader(
        "ETag", description: "Names the config as it is now, for `If-Match` and `If-None-Match`; JSON and YAML differ.",
        schema: ["type": "string", "pattern": "^\"[!#-~]+\"$"], example: "\"48213\"")

    static let idempotentReplayed = OpenAPIHeader(
        "Idempotent-Replayed",
        description: "The deployment was started by an earlier request with the same `Idempotency-Key`.",
        schema: ["type": "string", "const": "true"])

    static let accelBuffering = OpenAPIHeader(
        "X-Accel-Buffering", description: "Tells nginx to pass on each piece at once.",
        schema: ["type": "string", "const": "no"])

    static let location = OpenAPIHeader(
        "Location", description: "The path of the deployment, with the prefix under which this service is reached.",
        schema: ["type": "string", "format": "uri-reference"])
}
