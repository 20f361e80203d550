import Components
import HTTPTypes
import JSON
import OpenAPI

/// `/api/v1/…`: the user's own API, endpoint by endpoint.
///
/// Names of fields have hyphens (`deploy-id`), and a deployment is `pending`, `running`, `finished` or `error`. What each
/// endpoint does is the function of the same name of `NativeHandlers`.
struct NativeAPI: Sendable {
    let handlers: NativeHandlers
    /// The number of a tool's deployments that are kept.
    let maximumRetained: Int

    static let config: PathTemplate = "/api/v1/tool/{tool}/config"
    static let components: PathTemplate = "/api/v1/tool/{tool}/components"
    static let deployments: PathTemplate = "/api/v1/tool/{tool}/deploy"
    static let deployment: PathTemplate = "/api/v1/tool/{tool}/deploy/{deploy-id}"
    static let result: PathTemplate = "/api/v1/tool/{tool}/deploy/{deploy-id}/result"
    static let events: PathTemplate = "/api/v1/tool/{tool}/deploy/{deploy-id}/events"
    static let cancellation: PathTemplate = "/api/v1/tool/{tool}/deploy/{deploy-id}/cancel"
    static let buildLog: PathTemplate = "/api/v1/tool/{tool}/deploy/{deploy-id}/builds/{component}/log"

    /// The family.
    var family: Family {
        Family(
            prefix: "/api/v1",
            tags: [
                OpenAPIDocument.Tag(name: "config", description: "What a tool is made of."),
                OpenAPIDocument.Tag(name: "deployments", description: "Building what a tool is made of."),
            ],
            schemas: NativeSchemas.all + GoodBuildSchemas.all + ConfigSchemas.all,
            endpoints: [
                getConfig, storeConfig, removeConfig, listComponents, listDeployments, startDeployment, getDeployment,
                getDeploymentResult, followDeployment, removeDeployment, cancelDeployment, getBuildLog,
            ],
            errorResponse: ErrorResponse.init(native:prefix:), offersProblems: true)
    }

    private var getConfig: Endpoint {
        Endpoint(
            method: .get, path: Self.config, id: "getConfig", tag: "config",
            summary: "The config as it is stored",
            parameters: [.tool, .ifMatch, .ifNoneMatch],
            formats: BodyFormat.allCases,
            successes: [
                Success(
                    status: .ok, description: "The config.", schema: "StoredConfigEnvelope",
                    example: ConfigSchemas.minimalExample, fields: [.eTag]),
                Success(
                    status: .notModified,
                    description:
                        "The config is one that `If-None-Match` names. No envelope: HTTP allows no body here.",
                    fields: [.eTag], hasBody: false),
            ],
            errors: [409, 412, 422],
            handler: .tool(handlers.getConfig))
    }

    private var storeConfig: Endpoint {
        Endpoint(
            method: .post, path: Self.config, id: "storeConfig", tag: "config",
            summary: "Store a config in place of the one before",
            description: """
                Stored as given, all or nothing. YAML is read by the core schema of YAML 1.2; aliases, anchors, tags and a \
                second document are refused, as are keys that stand twice and numbers that cannot be stored exactly. At most \
                256 KiB, 64 levels and 10,000 values. Of a config with a `source_url` the file there is fetched and checked, too. To \
                change a config that others may change too: read it, and send its \
                `ETag` back in `If-Match`; a 412 says to begin again with what is there now.
                """,
            parameters: [.tool, .dryRun, .ifMatch, .ifNoneMatch],
            body: OpenAPIBody(
                isRequired: true, mediaTypes: BodyFormat.allMediaTypes, schema: .schema("Config"),
                examples: [
                    .init("minimal", summary: "One component", value: ConfigSchemas.minimalExample),
                    .init("reuse", summary: "Two components, one build", value: ConfigSchemas.reuseExample),
                ]),
            successes: [
                Success(
                    status: .ok,
                    description: """
                        What is stored now, and a warning for each key that is not known or not acted on. Of a dry run, what \
                        would be stored, without an `ETag`.
                        """,
                    schema: "StoredConfigEnvelope", example: ConfigSchemas.minimalExample, fields: [.eTag])
            ],
            errors: [409, 412, 415, 422],
            handler: .tool(handlers.storeConfig))
    }

    private var removeConfig: Endpoint {
        Endpoint(
            method: .delete, path: Self.config, id: "removeConfig", tag: "config", summary: "Remove the config",
            description: "The deployments stay. What is removed is returned, so that it can be stored again.",
            parameters: [.tool, .ifMatch],
            successes: [
                Success(
                    status: .ok, description: "The config as it was.", schema: "StoredConfigEnvelope",
                    example: ConfigSchemas.minimalExample)
            ],
            errors: [409, 412, 422],
            handler: .tool(handlers.removeConfig))
    }

    private var listComponents: Endpoint {
        Endpoint(
            method: .get, path: Self.components, id: "listComponents", tag: "deployments",
            summary: "What each component was built from last",
            description: """
                The newest good build of each component: its commit, its image, its deployment and when. It is noted when a \
                build ends well, and stays when its deployment makes room for newer ones, and when the component leaves the \
                config. `text/plain` is a table for people.
                """,
            parameters: [.tool],
            formats: BodyFormat.allCases,
            successes: [
                Success(
                    status: .ok, description: "The components that have been built.", schema: "ComponentsEnvelope",
                    example: GoodBuildSchemas.example, textTypes: [DeploymentText.mediaType])
            ],
            errors: [409, 422],
            handler: .tool(handlers.listComponents))
    }

    private var listDeployments: Endpoint {
        Endpoint(
            method: .get, path: Self.deployments, id: "listDeployments", tag: "deployments",
            summary: "The deployments that are kept, the newest first",
            description: """
                As they are stored: each as it was when it was last brought up to date, which reading it does. One that is \
                stored but cannot be read has the status `unreadable`, and nothing but its id.
                """,
            parameters: [.tool, .limit, .status],
            formats: BodyFormat.allCases,
            successes: [
                Success(
                    status: .ok, description: "The deployments.", schema: "DeploymentsEnvelope",
                    example: ["deployments": [NativeSchemas.deploymentExample]],
                    textTypes: [DeploymentText.mediaType])
            ],
            errors: [409, 422],
            handler: .tool(handlers.listDeployments))
    }

    private var startDeployment: Endpoint {
        Endpoint(
            method: .post, path: Self.deployments, id: "startDeployment", tag: "deployments",
            summary: "Deploy the stored config: start all its builds",
            description: """
                The latest \(maximumRetained) deployments are kept; unfinished builds of those that go are cancelled. Whoever \
                may have to repeat the request, because its answer can be lost, sends an `Idempotency-Key`. If the config has a \
                `source_url`, the file there is fetched, deployed and recorded in its place; if it cannot be, nothing is. Before anything is \
                recorded, the commit that each ref names is looked up, once for all components of one repository and ref; a ref \
                that does not exist fails its component at once, and the others go on. Where a host does not say in time, the \
                build takes the ref as it is when it starts, and a warning says so. With `skip-unchanged`, a component is not \
                built whose repository, commit, envvars and builder are those of its newest good build, if the registry still \
                has that image: it is `finished` at once, with the reason `Unchanged` and that build.
                """,
            parameters: [.tool, .dryRun, .idempotencyKey],
            acceptsDeployToken: true,
            body: OpenAPIBody(
                isRequired: false, mediaTypes: BodyFormat.allMediaTypes, schema: .schema("DeployOptions"),
                examples: [
                    .init("empty", value: [:]), .init("reject", value: ["overlap": "reject"]),
                    .init("skip", summary: "Only what has changed", value: ["skip-unchanged": true]),
                    .init("refs", summary: "The commit that was tested", value: ["refs": ["web": "v1.2"]]),
                    .init("part", summary: "One component", value: ["components": ["web"]]),
                ]),
            successes: [
                Success(
                    status: .created, description: "The deployment, with every build.", schema: "DeploymentEnvelope",
                    example: NativeSchemas.deploymentExample, fields: [.location]),
                Success(
                    status: .ok,
                    description: """
                        The deployment that an earlier request with the same key started, brought up to date. Of a dry run, what \
                        would be done, without `Location`.
                        """,
                    schema: "DeploymentOrPlanEnvelope", example: NativeSchemas.deploymentExample,
                    fields: [.location, .idempotentReplayed]),
            ],
            errors: [409, 415, 422],
            handler: .tool(handlers.startDeployment))
    }

    private var getDeployment: Endpoint {
        Endpoint(
            method: .get, path: Self.deployment, id: "getDeployment", tag: "deployments",
            summary: "A deployment, brought up to date with its builds",
            description: """
                With `wait` it is answered at the deployment's end, or as it stands when the time is over. `text/plain` is a \
                table for people.
                """,
            parameters: [.tool, .deployID, .wait],
            acceptsDeployToken: true,
            formats: BodyFormat.allCases,
            successes: [
                Success(
                    status: .ok, description: "The deployment.", schema: "DeploymentEnvelope",
                    example: NativeSchemas.deploymentExample, textTypes: [DeploymentText.mediaType])
            ],
            errors: [409, 422],
            waits: .whenAsked(OpenAPIParameter.wait.name),
            handler: .tool(handlers.getDeployment))
    }

    private var getDeploymentResult: Endpoint {
        Endpoint(
            method: .get, path: Self.result, id: "getDeploymentResult", tag: "deployments",
            summary: "Whether a deployment succeeded, for scripts",
            description: """
                The status says it all, so `curl --fail-with-body --retry 100 …/result?wait=50` is enough: 200 if it succeeded, \
                424 if it did not (each build that did not, with its reason, is an error message), 429 while it goes on.
                """,
            parameters: [.tool, .deployID, .wait],
            acceptsDeployToken: true,
            successes: [
                Success(
                    status: .ok, description: "It succeeded: the deployment.", schema: "DeploymentEnvelope",
                    example: NativeSchemas.finishedExample)
            ],
            errors: [409, 422, 424, 429],
            waits: .whenAsked(OpenAPIParameter.wait.name),
            handler: .tool(handlers.getDeploymentResult))
    }

    private var followDeployment: Endpoint {
        Endpoint(
            method: .get, path: Self.events, id: "followDeployment", tag: "deployments",
            summary: "What happens to a deployment, as it happens",
            description: """
                Streamed until the deployment's end: lines of text for people, or `text/event-stream` if that is asked for. Its \
                events are `change` and, at the end, `end`, with the deployment as data; `removed`; and `again` if the service \
                is restarted. The first is how the deployment stands. An `id` names the state: whoever sends the last one back \
                in `Last-Event-ID` is told only what is new, and 204 if that was the end.
                """,
            parameters: [.tool, .deployID, .lastEventID],
            acceptsDeployToken: true,
            successes: [
                Success(
                    status: .ok, description: "What happens.", schema: "DeploymentEvents", fields: [.accelBuffering],
                    mediaTypes: [DeploymentText.mediaType, ServerSentEvent.mediaType]),
                Success(
                    status: .noContent, description: "The event that `Last-Event-ID` names was the last.",
                    hasBody: false),
            ],
            errors: [409, 422],
            waits: .always,
            handler: .tool(handlers.followDeployment))
    }

    private var removeDeployment: Endpoint {
        Endpoint(
            method: .delete, path: Self.deployment, id: "removeDeployment", tag: "deployments",
            summary: "Remove a deployment",
            description: """
                One that is going on is cancelled first. Its builds go too; the images that they made stay. It is not undone: \
                what is removed is returned as it was.
                """,
            parameters: [.tool, .deployID],
            successes: [
                Success(
                    status: .ok, description: "The deployment as it was.", schema: "DeploymentEnvelope",
                    example: NativeSchemas.deploymentExample)
            ],
            errors: [409, 422],
            handler: .tool(handlers.removeDeployment))
    }

    private var cancelDeployment: Endpoint {
        Endpoint(
            method: .put, path: Self.cancellation, id: "cancelDeployment", tag: "deployments",
            summary: "Cancel a deployment",
            description: """
                First that is recorded, then all builds that have not ended are told to end. What was answered 200 ends with \
                the reason `Cancelled`, whatever else happens; a build that ends by itself meanwhile keeps its end. A repeat \
                changes nothing. A deployment that had ended otherwise is 409.
                """,
            parameters: [.tool, .deployID],
            successes: [
                Success(
                    status: .ok, description: "The deployment, which is being cancelled or is cancelled.",
                    schema: "DeploymentEnvelope", example: NativeSchemas.deploymentExample)
            ],
            errors: [409, 422],
            handler: .tool(handlers.cancelDeployment))
    }

    private var getBuildLog: Endpoint {
        Endpoint(
            method: .get, path: Self.buildLog, id: "getBuildLog", tag: "deployments",
            summary: "The log of a component's build, live or after its end",
            description: """
                Streamed: step after step, each line behind `[step]`, or as a JSON value a line. What the build did not write \
                stands behind `--`, or in `note`. An empty line, every 15 s at least, is a sign of life. The log is complete \
                if it says so at its end. Values of `build.envvars` are shown as `***`.
                """,
            parameters: [.tool, .deployID] + Self.logParameters, acceptsDeployToken: true, successes: [Self.log],
            errors: [409, 422],
            waits: .always,
            handler: .tool(handlers.getBuildLog))
    }

    private static let logParameters: [OpenAPIParameter] = [.component, .follow, .tail, .since, .timestamps]

    private static let log = Success(
        status: .ok, description: "The log, as far as it is there.", schema: "BuildLog", fields: [.accelBuffering],
        mediaTypes: BuildLogText.Form.allCases.map(\.rawValue))
}

extension URLPrefix {
    /// The path of a tool's config.
    func config(of tool: ToolName) -> String { path + NativeAPI.config.path(["tool": tool.value]) }

    /// The path at which a tool's deployments are started.
    func deployments(of tool: ToolName) -> String { path + NativeAPI.deployments.path(["tool": tool.value]) }

    /// The path of one deployment of a tool.
    func deployment(_ id: String, of tool: ToolName) -> String {
        path + NativeAPI.deployment.path(["tool": tool.value, "deploy-id": id])
    }
}
