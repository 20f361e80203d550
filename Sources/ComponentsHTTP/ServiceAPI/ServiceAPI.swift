import Components
import HTTPTypes
import JSON
import OpenAPI

/// What stands at the root: the state of the service, and the documents about its API.
///
/// No identity is asked for.
struct ServiceAPI: Sendable {
    let operations: any ComponentsOperations
    /// The figures of this process, as they are now.
    let metrics: @Sendable () -> MetricsDocument
    let documents: Documents

    /// The family.
    var family: Family {
        Family(
            prefix: "",
            tags: [
                OpenAPIDocument.Tag(
                    name: "service", description: "The service itself; no certificate is needed.")
            ],
            schemas: [
                ("HealthEnvelope", Envelope.schema(of: "Health")),
                ("ReadinessEnvelope", Envelope.schema(of: "Readiness")),
                ("Health", .closedObject(["status": ["type": "string", "const": "alive"]])),
                ("Readiness", .closedObject(["status": ["type": "string", "const": "ready"]])),
            ],
            endpoints: [getOpenAPI, getConfigSchema, getDocumentation, getHealth, getReadiness, getMetrics],
            errorResponse: ErrorResponse.init(native:prefix:), offersProblems: true)
    }

    private var getOpenAPI: Endpoint {
        Endpoint(
            method: .get, path: "/openapi.json", id: "getOpenAPI", tag: "service", summary: "This document",
            successes: [Success(status: .ok, description: "This document, not wrapped in an envelope.")],
            handler: .anybody { request in documents.openAPI(servedAt: request.prefix) })
    }

    private var getConfigSchema: Endpoint {
        Endpoint(
            method: .get, path: "/config-schema.json", id: "getConfigSchema", tag: "service",
            summary: "The JSON Schema of the config",
            description: """
                JSON Schema 2020-12, for editors and validators. It cannot say that a component whose build is reused must \
                exist and have a build of its own; every other rule it states.
                """,
            successes: [Success(status: .ok, description: "The schema, not wrapped in an envelope.")],
            handler: .anybody { _ in
                Response(document: ConfigSchemas.document, mediaType: BodyFormat.json.mediaType)
            })
    }

    /// Not documented: the document describes what programs call, and generators of clients would make a function of it.
    private var getDocumentation: Endpoint {
        Endpoint(
            method: .get, path: "/docs", id: "getDocumentation", tag: "service",
            summary: "The page to read about the API, and to try it",
            successes: [Success(status: .ok, description: "The page.")], isDocumented: false,
            handler: .anybody { request in documents.page(servedAt: request.prefix) })
    }

    private var getHealth: Endpoint {
        Endpoint(
            method: .get, path: "/healthz", id: "getHealth", tag: "service", summary: "Whether the process lives",
            description: "Asks nobody.",
            successes: [
                Success(
                    status: .ok, description: "It does.", schema: "HealthEnvelope", example: ["status": "alive"])
            ],
            isServedUnderOverload: true,
            handler: .anybody { _ in Response(Envelope(data: ["status": "alive"])) })
    }

    private var getReadiness: Endpoint {
        Endpoint(
            method: .get, path: "/readyz", id: "getReadiness", tag: "service",
            summary: "Whether the cluster answers, knows this service's kinds, and lets it do its work",
            successes: [
                Success(
                    status: .ok, description: "It does.", schema: "ReadinessEnvelope", example: ["status": "ready"])
            ],
            handler: .anybody { request in try await readiness(request) })
    }

    /// Not documented: it is for whoever runs the service.
    private var getMetrics: Endpoint {
        Endpoint(
            method: .get, path: "/metrics", id: "getMetrics", tag: "service", summary: "The figures of this process",
            successes: [Success(status: .ok, description: "The figures.")], isServedUnderOverload: true,
            isDocumented: false,
            handler: .anybody { _ in
                let metrics = metrics()
                return Response(document: metrics.bytes, mediaType: metrics.mediaType)
            })
    }

    /// Whatever keeps the cluster from being used is one status here: the client wants a yes or a no, and the reason.
    private func readiness(_ request: AdmittedRequest) async throws -> Response {
        let warnings: [String]
        do throws(ComponentsError) {
            warnings = try await operations.checkReadiness()
        } catch .cluster(.unavailable(let reason, let retryAfter), let subject) {
            throw ComponentsError.cluster(.unavailable(reason: reason, retryAfter: retryAfter), about: subject)
        } catch {
            let reason = ErrorResponse(error, prefix: request.prefix).messages.joined(separator: " ")
            throw ComponentsError.cluster(.unavailable(reason: reason, retryAfter: nil), about: .service)
        }
        return Response(Envelope(data: ["status": "ready"], warnings: warnings))
    }
}
