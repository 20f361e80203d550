import Components
import HTTPTypes
import JSON

/// One function for each thing that can be asked: from the request to the operation and back.
struct Handlers: Sendable {
    /// What is served.
    let operations: any ComponentsOperations
    /// The OpenAPI document.
    let openAPI: OpenAPIRendering
    /// The page made from it.
    let documentation: DocumentationRendering
    /// The figures of this process, as they are now.
    let metrics: @Sendable () -> MetricsDocument

    /// The answer to a request that was let in.
    ///
    /// - Parameter format: what the answer will be written in.
    func answer(
        to request: APIRequest, route: Route, format: BodyFormat, links: URLPrefix
    ) async throws(ErrorAnswer) -> Answer {
        do throws(HandlerFault) {
            switch route {
            case .config(let tool) where request.head.method == .post:
                return try await store(request, tool: tool)
            case .config(let tool):
                return try await config(request, tool: tool, format: format)
            case .deployments(let tool):
                return try await deploy(request, tool: tool, links: links)
            case .deployment(let tool, let id):
                return try await deployment(id, of: tool)
            case .openAPI:
                return Answer(document: openAPI.document(servedAt: links))
            case .documentation:
                return Answer(page: documentation.page(servedAt: links))
            case .health:
                return Answer(Envelope(data: ["status": "alive"]))
            case .readiness:
                return try await readiness(links: links)
            case .metrics:
                let metrics = metrics()
                return Answer(document: metrics.bytes, mediaType: metrics.mediaType)
            }
        } catch {
            switch error {
            case .request(let fault): throw ErrorAnswer(fault)
            case .operation(let error): throw ErrorAnswer(error, links: links)
            }
        }
    }

    /// What goes wrong in a handler.
    private enum HandlerFault: Error {
        case request(RequestFault)
        case operation(ComponentsError)
    }

    private func config(
        _ request: APIRequest, tool: ToolName, format: BodyFormat
    ) async throws(HandlerFault) -> Answer {
        let conditions = try Self.request { () throws(RequestFault) in try RequestConditions(request.head) }
        let config = try await Self.operation { () throws(ComponentsError) in try await operations.config(of: tool) }
        let match = ConfigPrecondition(match: conditions.precondition.match)
        if let failure = match.failure(for: config.version) {
            throw .operation(.preconditionFailed(tool, failure))
        }
        let tag = EntityTag(version: config.version, format: format)
        if conditions.isNotModified(tag) { return Answer(notModified: tag) }
        return Answer(Envelope(data: config.document), fields: [.eTag: tag.text])
    }

    private func store(_ request: APIRequest, tool: ToolName) async throws(HandlerFault) -> Answer {
        let (conditions, document) = try Self.request { () throws(RequestFault) in
            (try RequestConditions(request.head), try RequestDocument.document(of: request))
        }
        let stored = try await Self.operation { () throws(ComponentsError) in
            try await operations.store(config: document, for: tool, if: conditions.precondition)
        }
        return Answer(
            Envelope(
                data: stored.record.document, info: ["The config of the tool \(tool) is stored."],
                warnings: stored.warnings),
            fields: [.eTag: EntityTag(version: stored.record.version, format: .json).text])
    }

    private func deploy(_ request: APIRequest, tool: ToolName, links: URLPrefix) async throws(HandlerFault) -> Answer {
        let key = try Self.request { () throws(RequestFault) in try IdempotencyKey.key(of: request.head) }
        do throws(RequestFault) {
            try RequestDocument.requireNothing(in: request)
        } catch {
            guard error == .bodyNotAllowed, let key, let id = try await deploymentID(for: key, of: tool) else {
                throw .request(error)
            }
            throw .operation(.keyTaken(id: id))
        }
        let started = try await Self.operation { () throws(ComponentsError) in
            // It reads, checks and writes a whole config, of any size, whose length shows in nothing that was asked: not on
            // a thread that others need, which the task may prefer.
            try await withTaskExecutorPreference(globalConcurrentExecutor) { () throws(ComponentsError) in
                try await operations.deploy(tool, key: key)
            }
        }
        let id = started.deployment.id
        let location = links.deployment(id, of: tool)
        let info =
            started.isReplay
            ? "The deployment \(id) was started before, by a request with the same Idempotency-Key: "
                + "follow it with GET \(location)."
            : "The deployment \(id) has started: follow it with GET \(location)."
        var answer = Answer(
            Envelope(
                data: DeploymentView(deployment: started.deployment).json, info: [info], warnings: started.warnings),
            status: started.isReplay ? .ok : .created, fields: [.location: location])
        if started.isReplay { answer.fields[.idempotentReplayed] = "true" }
        answer.deployment = id
        return answer
    }

    private func deploymentID(for key: IdempotencyKey, of tool: ToolName) async throws(HandlerFault) -> String? {
        try await Self.operation { () throws(ComponentsError) in
            try await operations.deploymentID(for: key, of: tool)
        }
    }

    private func deployment(_ id: String, of tool: ToolName) async throws(HandlerFault) -> Answer {
        let deployment = try await Self.operation { () throws(ComponentsError) in
            try await operations.deployment(id, of: tool)
        }
        var answer = Answer(Envelope(data: DeploymentView(deployment: deployment).json))
        answer.deployment = deployment.id
        return answer
    }

    /// Whatever keeps the cluster from being used is one status here: who asks wants a yes or a no, and the reason.
    private func readiness(links: URLPrefix) async throws(HandlerFault) -> Answer {
        do throws(ComponentsError) {
            try await operations.checkReadiness()
        } catch .cluster(.unavailable(let reason, let retryAfter), let subject) {
            throw .operation(.cluster(.unavailable(reason: reason, retryAfter: retryAfter), about: subject))
        } catch {
            let reason = ErrorAnswer(error, links: links).messages.joined(separator: " ")
            throw .operation(.cluster(.unavailable(reason: reason, retryAfter: nil), about: .service))
        }
        return Answer(Envelope(data: ["status": "ready"]))
    }

    private static func request<Value>(_ body: () throws(RequestFault) -> Value) throws(HandlerFault) -> Value {
        do throws(RequestFault) { return try body() } catch { throw .request(error) }
    }

    private static func operation<Value>(
        _ body: () async throws(ComponentsError) -> Value
    ) async throws(HandlerFault) -> Value {
        do throws(ComponentsError) { return try await body() } catch { throw .operation(error) }
    }
}
