import Components
import HTTPTypes
import JSON
import OpenAPI

/// `/v1/…`: the API that the clients in the field speak, endpoint by endpoint.
///
/// The paths, names of fields, words and texts are those of the Python implementation, so that its command-line client and
/// the scripts of its users work without a change. It is another view of the same configs and deployments as `NativeAPI`.
struct FieldAPI: Sendable {
    let handlers: FieldHandlers
    let tokens: FieldTokenHandlers
    /// The number of a tool's deployments that are kept.
    let maximumRetained: Int

    static let config: PathTemplate = "/v1/tool/{tool}/config"
    static let generatedConfig: PathTemplate = "/v1/tool/{tool}/config/generate"
    static let deployments: PathTemplate = "/v1/tool/{tool}/deployment"
    static let token: PathTemplate = "/v1/tool/{tool}/deployment/token"
    static let deployment: PathTemplate = "/v1/tool/{tool}/deployment/{deployment_id}"
    static let cancellation: PathTemplate = "/v1/tool/{tool}/deployment/{deployment_id}/cancel"

    private static let tag = "toolforge-components"

    /// The family.
    var family: Family {
        Family(
            prefix: "/v1",
            tags: [
                OpenAPIDocument.Tag(
                    name: Self.tag,
                    description:
                        "The same configs and deployments, as the client `toolforge components` speaks of them.")
            ],
            schemas: FieldSchemas.all,
            endpoints: [getHealth] + configEndpoints + deploymentEndpoints + tokenEndpoints,
            errorResponse: ErrorResponse.init(field:prefix:))
    }

    private var getHealth: Endpoint {
        Endpoint(
            method: .get, path: "/v1/healthz", id: "getComponentsHealth", tag: Self.tag,
            summary: "Whether the process lives", description: "Asks nobody.",
            successes: [
                Success(
                    status: .ok, description: "It does.", schema: "ComponentsHealthEnvelope",
                    example: ["status": "OK"])
            ],
            isServedUnderOverload: true,
            handler: .anybody { _ in
                Response(Envelope(data: ["status": "OK"], warnings: [FieldTexts.betaWarning]))
            })
    }

    private var configEndpoints: [Endpoint] {
        [
            Endpoint(
                method: .get, path: Self.config, id: "getComponentsConfig", tag: Self.tag,
                summary: "The config as it is stored", parameters: [.tool],
                successes: [success("The config.", "ComponentsConfigEnvelope", ConfigSchemas.minimalExample)],
                errors: [409, 422], handler: .tool(handlers.getConfig)),
            Endpoint(
                method: .post, path: Self.config, id: "storeComponentsConfig", tag: Self.tag,
                summary: "Store a config in place of the one before",
                description:
                    "By the same rules as `POST /api/v1/tool/{tool}/config`. The first message says how many mistakes there are.",
                parameters: [.tool],
                body: OpenAPIBody(
                    isRequired: true, mediaTypes: BodyFormat.allMediaTypes, schema: .schema("Config"),
                    examples: [.init("components", summary: "One component", value: ConfigSchemas.minimalExample)]),
                successes: [
                    success("What is stored now.", "ComponentsConfigEnvelope", ConfigSchemas.minimalExample)
                ],
                errors: [409, 415, 422], handler: .tool(handlers.storeConfig)),
            Endpoint(
                method: .delete, path: Self.config, id: "deleteComponentsConfig", tag: Self.tag,
                summary: "Remove the config", description: "The deployments stay.", parameters: [.tool],
                successes: [success("The config as it was.", "ComponentsConfigEnvelope", ConfigSchemas.minimalExample)],
                errors: [409, 422], handler: .tool(handlers.removeConfig)),
            Endpoint(
                method: .get, path: Self.generatedConfig, id: "generateComponentsConfig", tag: Self.tag,
                summary: "The stored config, or an example to begin with", parameters: [.tool],
                successes: [success("A config.", "ComponentsConfigEnvelope", FieldTexts.exampleConfig(of: "demo"))],
                errors: [409, 422], handler: .tool(handlers.generateConfig)),
        ]
    }

    private var deploymentEndpoints: [Endpoint] {
        let example = FieldSchemas.deploymentExample
        return [
            Endpoint(
                method: .get, path: Self.deployments, id: "listComponentsDeployments", tag: Self.tag,
                summary: "The deployments that are kept, the oldest first",
                description: "As they are stored; reading one brings it up to date.", parameters: [.tool],
                successes: [
                    success("The deployments.", "ComponentsDeploymentsEnvelope", ["deployments": [example]])
                ],
                errors: [409, 422], handler: .tool(handlers.listDeployments)),
            Endpoint(
                method: .post, path: Self.deployments, id: "createComponentsDeployment", tag: Self.tag,
                summary: "Deploy the stored config: start all its builds",
                description: """
                    Unless the administrators chose otherwise, 409 while another deployment has not ended. The latest \(maximumRetained) are kept. \
                    `force_build`, `force_run` and `skip_unchanged` are read too.
                    """,
                parameters: [
                    .tool, .forceBuild, .forceRun, .skipUnchanged, .description, .deployToken, .idempotencyKey,
                ],
                queryAliases: [
                    "force_build": "force-build", "force_run": "force-run", "skip_unchanged": "skip-unchanged",
                ],
                acceptsDeployToken: true,
                body: OpenAPIBody(
                    isRequired: false, mediaTypes: BodyFormat.allMediaTypes,
                    schema: .schema("ComponentsDeploymentBody"),
                    examples: [.init("description", value: ["description": "the new front page"])]),
                successes: [
                    success("The deployment, with every build.", "ComponentsDeploymentEnvelope", example)
                ],
                errors: [409, 415, 422], handler: .tool(handlers.startDeployment)),
            Endpoint(
                method: .get, path: Self.deployment, id: "getComponentsDeployment", tag: Self.tag,
                summary: "A deployment, brought up to date with its builds",
                description:
                    "With `wait` it is answered at the deployment's end, or as it stands when the time is over.",
                parameters: [.tool, .deploymentID, .wait, .deployToken], acceptsDeployToken: true,
                successes: [success("The deployment.", "ComponentsDeploymentEnvelope", example)],
                errors: [409, 422], waits: .whenAsked(OpenAPIParameter.wait.name),
                handler: .tool(handlers.getDeployment)),
            Endpoint(
                method: .delete, path: Self.deployment, id: "deleteComponentsDeployment", tag: Self.tag,
                summary: "Remove a deployment", description: "Builds that have not ended are cancelled.",
                parameters: [.tool, .deploymentID],
                successes: [success("The deployment as it was.", "ComponentsDeploymentEnvelope", example)],
                errors: [409, 422], handler: .tool(handlers.removeDeployment)),
            Endpoint(
                method: .put, path: Self.cancellation, id: "cancelComponentsDeployment", tag: Self.tag,
                summary: "Cancel a deployment", description: "A repeat is answered like the first request.",
                parameters: [.tool, .deploymentID],
                successes: [success("The deployment.", "ComponentsDeploymentEnvelope", example)],
                errors: [409, 422], handler: .tool(handlers.cancelDeployment)),
        ]
    }

    private var tokenEndpoints: [Endpoint] {
        func endpoint(
            _ method: HTTPRequest.Method, _ id: String, _ summary: String, errors: [Int],
            _ handler: @escaping @Sendable (AdmittedRequest, ToolName) async throws -> Response
        ) -> Endpoint {
            Endpoint(
                method: method, path: Self.token, id: id, tag: Self.tag, summary: summary, parameters: [.tool],
                successes: [success("The token.", "ComponentsTokenEnvelope", FieldSchemas.tokenExample)],
                errors: errors, handler: .tool(handler))
        }
        return [
            endpoint(.get, "getDeployToken", "The tool's deploy token", errors: [409, 422], tokens.showToken),
            endpoint(
                .post, "createDeployToken", "Make a deploy token, where there is none", errors: [409, 422],
                tokens.createToken),
            endpoint(
                .put, "refreshDeployToken", "Make a new deploy token; the one before is refused from then on",
                errors: [409, 422], tokens.refreshToken),
            endpoint(
                .delete, "deleteDeployToken", "Remove the deploy token, which is refused from then on",
                errors: [409, 422],
                tokens.removeToken),
        ]
    }

    private func success(_ description: String, _ schema: String, _ example: JSONValue) -> Success {
        Success(status: .ok, description: description, schema: schema, example: example)
    }
}

extension URLPrefix {
    /// The path of a tool's config, as the field's clients know it.
    func fieldConfig(of tool: ToolName) -> String { path + FieldAPI.config.path(["tool": tool.value]) }
}
