import JSON

extension OpenAPIOperation {
    /// Every operation there is, `HEAD` wherever there is `GET`.
    static let all: [OpenAPIOperation] = [
        getConfig, getConfig.asHead, storeConfig, startDeployment, getDeployment, getDeployment.asHead,
        getOpenAPI, getOpenAPI.asHead, getHealth, getHealth.asHead, getReadiness, getReadiness.asHead,
    ]

    private static let toolPath = "/api/v1/tool/{tool}"

    private static let getConfig = OpenAPIOperation(
        path: "\(toolPath)/config", method: "get", id: "getConfig", tag: "config",
        summary: "The config as it is stored", headers: ["If-Match", "If-None-Match"],
        successDescription: "The config.", schema: "StoredConfigEnvelope",
        example: OpenAPIConfigSchemas.minimalExample, successFields: ["ETag"],
        alternative: OpenAPIAlternative(
            status: 304,
            description: "The config is one that `If-None-Match` names. No envelope: HTTP allows no body here.",
            hasBody: false),
        formats: BodyFormat.allCases, errors: [409, 412, 422])

    private static let storeConfig = OpenAPIOperation(
        path: "\(toolPath)/config", method: "post", id: "storeConfig", tag: "config",
        summary: "Store a config in place of the one before",
        description: """
            Stored as given, all or nothing. YAML is read by the core schema of YAML 1.2; aliases, anchors, tags and a \
            second document are refused, as are keys that stand twice and numbers that cannot be stored exactly. At most \
            256 KiB, 64 levels and 10,000 values. To change a config that others may change too: read it, and send its \
            `ETag` back in `If-Match`; a 412 says to begin again with what is there now.
            """,
        headers: ["If-Match", "If-None-Match"],
        requestBody: [
            "required": true,
            "content": content(
                schema: "Config",
                examples: [
                    "minimal": ["summary": "One component", "value": OpenAPIConfigSchemas.minimalExample],
                    "reuse": ["summary": "Two components, one build", "value": OpenAPIConfigSchemas.reuseExample],
                ]),
        ],
        successDescription: "What is stored now, and a warning for each key that is not known or not acted on.",
        schema: "StoredConfigEnvelope", example: OpenAPIConfigSchemas.minimalExample, successFields: ["ETag"],
        errors: [409, 412, 415, 422])

    private static let startDeployment = OpenAPIOperation(
        path: "\(toolPath)/deploy", method: "post", id: "startDeployment", tag: "deployments",
        summary: "Deploy the stored config: start all its builds",
        description: """
            The latest 10 deployments are kept; unfinished builds of those that go are cancelled. Whoever may have to repeat \
            the request, because its answer can be lost, sends an `Idempotency-Key`.
            """,
        headers: ["Idempotency-Key"],
        requestBody: [
            "required": false,
            "content": content(schema: "NoOptions", examples: ["empty": ["value": [:]]]),
        ],
        success: 201, successDescription: "The deployment, with every build.", schema: "DeploymentEnvelope",
        example: deploymentExample, successFields: ["Location"],
        alternative: OpenAPIAlternative(
            status: 200,
            description: "The deployment that an earlier request with the same key started, brought up to date.",
            fields: ["Idempotent-Replayed"], hasBody: true),
        errors: [409, 415, 422])

    private static let getDeployment = OpenAPIOperation(
        path: "\(toolPath)/deploy/{deploy-id}", method: "get", id: "getDeployment", tag: "deployments",
        summary: "A deployment, brought up to date with its builds", successDescription: "The deployment.",
        schema: "DeploymentEnvelope", example: deploymentExample, formats: BodyFormat.allCases, errors: [409, 422])

    private static let getOpenAPI = OpenAPIOperation(
        path: "/openapi.json", method: "get", id: "getOpenAPI", tag: "service",
        summary: "This document", successDescription: "This document, not wrapped in an envelope.")

    private static let getHealth = OpenAPIOperation(
        path: "/healthz", method: "get", id: "getHealth", tag: "service",
        summary: "Whether the process lives", description: "Asks nobody.", successDescription: "It does.",
        schema: "HealthEnvelope", example: ["status": "alive"])

    private static let getReadiness = OpenAPIOperation(
        path: "/readyz", method: "get", id: "getReadiness", tag: "service",
        summary: "Whether the cluster answers and knows this service's kinds", successDescription: "It does.",
        schema: "ReadinessEnvelope", example: ["status": "ready"])

    private static let deploymentExample: JSONValue = [
        "deploy-id": "demo-deploy-20261122-101500-48213", "creation-time": "2026-11-22 10:15:00", "status": "running",
        "builds": [
            "web": [
                "build-id": "demo-buildpacks-pipelinerun-3f8a0c5d9b21", "status": "running",
                "message": "Tasks Completed: 0 (Failed: 0, Cancelled 0), Incomplete: 1, Skipped: 0",
            ]
        ],
    ]

    /// The same schema for every type that is read.
    private static func content(schema: String, examples: JSONValue) -> JSONValue {
        .object(
            JSONObject(
                BodyFormat.allCases.flatMap(\.acceptedMediaTypes).map {
                    ($0, ["schema": .reference("schemas/\(schema)"), "examples": examples])
                }))
    }
}
