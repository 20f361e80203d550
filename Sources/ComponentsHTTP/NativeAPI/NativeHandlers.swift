import Components
import HTTPTypes
import JSON
import Logging

/// What the endpoints of `NativeAPI` do: from the request to the operation and back.
struct NativeHandlers: Sendable {
    let operations: any ComponentsOperations
    /// What happens to deployments that overlap, where the request does not say.
    var overlap = DeploymentOptions.Overlap.allow
    /// Whether builds of what has not changed are left out, where the request does not say.
    var skipsUnchanged = false

    func getConfig(_ request: AdmittedRequest, of tool: ToolName) async throws -> Response {
        let conditions = try RequestConditions(request.head)
        let config = try await operations.config(of: tool)
        let match = ConfigPrecondition(match: conditions.precondition.match)
        if let failure = match.failure(for: config.version) {
            try conditions.refuseAlteredTag()
            throw ComponentsError.preconditionFailed(tool, failure)
        }
        let tag = EntityTag(version: config.version, format: request.format)
        if conditions.isNotModified(tag) { return Response(notModified: tag) }
        return Response(
            Envelope(data: config.document, warnings: config.note.map { [$0] } ?? []), fields: [.eTag: tag.text])
    }

    func storeConfig(_ request: AdmittedRequest, of tool: ToolName) async throws -> Response {
        let conditions = try RequestConditions(request.head)
        let document = try RequestDocument.document(of: request)
        let isDryRun = try Self.isDryRun(request)
        let stored: StoredConfig
        do throws(ComponentsError) {
            if isDryRun {
                let warnings = try await operations.check(config: document, for: tool, if: conditions.precondition)
                return Response(
                    Envelope(
                        data: document, info: ["The config is valid. This was a dry run: nothing is stored."],
                        warnings: warnings))
            }
            stored = try await operations.store(config: document, for: tool, if: conditions.precondition)
        } catch {
            if case .preconditionFailed(_, .changed) = error { try conditions.refuseAlteredTag() }
            throw error
        }
        return Response(
            Envelope(
                data: stored.record.document, info: ["The config of the tool \(tool) is stored."],
                warnings: stored.warnings),
            fields: [.eTag: EntityTag(version: stored.record.version, format: request.format).text])
    }

    func removeConfig(_ request: AdmittedRequest, of tool: ToolName) async throws -> Response {
        let conditions = try RequestConditions(request.head)
        let removal: RemovedConfig
        do throws(ComponentsError) {
            removal = try await operations.removeConfig(
                of: tool, if: ConfigPrecondition(match: conditions.precondition.match))
        } catch {
            guard case .preconditionFailed = error else { throw error }
            try conditions.refuseAlteredTag()
            throw ErrorResponse(
                .preconditionFailed,
                "The config of the tool \(tool) is not the one that If-Match names: it was changed since, and is not removed. "
                    + "Read it again (GET \(request.prefix.config(of: tool))), and send its new ETag.")
        }
        // Whatever was stored can be removed, but only a config is returned.
        let removed = removal.record
        let isConfig = removed.document.objectValue != nil
        return Response(
            Envelope(
                data: isConfig ? removed.document : .object(JSONObject()),
                info: ["The config of the tool \(tool) is removed."], warnings: Self.warnings(about: removal)))
    }

    /// What whoever removed a config should know: sentences.
    static func warnings(about removal: RemovedConfig) -> [String] {
        var warnings: [String] = []
        if removal.record.document.objectValue == nil {
            warnings.append("What was stored was not a config, so it is not returned.")
        }
        if removal.isFollowedByImport {
            warnings.append(
                "The tool still has a config of the Python components-api, which is shown and deployed from now on.")
        }
        return warnings
    }

    func startDeployment(_ request: AdmittedRequest, of tool: ToolName) async throws -> Response {
        let key = try IdempotencyKey.key(of: request.head)
        let body = try DeployBody(
            try RequestDocument.optionalDocument(of: request),
            defaults: DeploymentOptions(overlap: overlap, skipUnchanged: skipsUnchanged))
        let order = DeploymentOrder(key: key, options: body.options, requestedBy: request.person)
        if try Self.isDryRun(request) {
            let view = PlanView(plan: try await operations.planDeployment(tool, order))
            return Response(
                Envelope(
                    data: view.json, info: ["This was a dry run: nothing is stored or started."],
                    warnings: view.warnings))
        }
        let started = try await operations.deploy(tool, order)
        let id = started.deployment.id
        let location = request.prefix.deployment(id, of: tool)
        let info =
            started.isReplay
            ? "The deployment \(id) was started before, by a request with the same Idempotency-Key: "
                + "follow it with GET \(location)."
            : Self.sentence(about: started.deployment, at: location)
        var response = Response(
            Envelope(
                data: DeploymentView(deployment: started.deployment).json, info: [info],
                warnings: started.warnings + Self.warnings(about: started.deployment)),
            status: started.isReplay ? .ok : .created, fields: [.location: location])
        if started.isReplay { response.fields[.idempotentReplayed] = "true" }
        response.metadata["deployment"] = .string(id)
        return response
    }

    /// Whether the request only asks what it would do.
    private static func isDryRun(_ request: AdmittedRequest) throws(RequestFault) -> Bool {
        switch request.query["dry-run"] {
        case nil, "false": return false
        case "true": return true
        case let text?:
            throw .invalidQuery("dry-run is \(text.quotedForMessage); it must be true or false")
        }
    }

    /// The greatest `limit` that is accepted; more than are ever kept.
    static let maximumLimit = 1_000

    func listDeployments(_ request: AdmittedRequest, of tool: ToolName) async throws -> Response {
        var limit = Self.maximumLimit
        if let text = request.query["limit"] {
            guard let number = Int(text), (1...Self.maximumLimit).contains(number), text.first != "+" else {
                throw RequestFault.invalidQuery(
                    "limit is \(text.quotedForMessage); it must be a number from 1 to \(Self.maximumLimit)")
            }
            limit = number
        }
        let status = request.query["status"]
        if let status, !DeploymentView.listedStatuses.contains(status) {
            let known = DeploymentView.listedStatuses.joined(separator: ", ")
            throw RequestFault.invalidQuery("status is \(status.quotedForMessage); it must be one of \(known)")
        }
        let deployments = try await operations.deployments(of: tool)
            .filter { status == nil || DeploymentView.word(for: $0) == status }.prefix(limit)
        if request.prefersText {
            return Response(
                document: Array(DeploymentText.table(of: Array(deployments)).utf8),
                mediaType: DeploymentText.mediaType + "; charset=utf-8")
        }
        return Response(Envelope(data: ["deployments": .array(deployments.map(DeploymentView.json))]))
    }

    func listComponents(_ request: AdmittedRequest, of tool: ToolName) async throws -> Response {
        let view = GoodBuildsView(builds: try await operations.goodBuilds(of: tool))
        if request.prefersText {
            return Response(
                document: Array(view.text.utf8), mediaType: DeploymentText.mediaType + "; charset=utf-8")
        }
        return Response(Envelope(data: view.json))
    }

    func cancelDeployment(_ request: AdmittedRequest, of tool: ToolName) async throws -> Response {
        let id = try await id(in: request, of: tool)
        let deployment = try await operations.cancelDeployment(id, of: tool, by: request.person)
        let info =
            deployment.phase.isTerminal
            ? "The deployment \(id) is cancelled."
            : "The deployment \(id) is being cancelled: follow it with GET \(request.prefix.deployment(id, of: tool))."
        return response(deployment, info: [info])
    }

    func removeDeployment(_ request: AdmittedRequest, of tool: ToolName) async throws -> Response {
        let id = request.path["deploy-id"]
        guard id != Self.latest else {
            throw ErrorResponse(
                .badRequest,
                "DELETE takes no \"latest\", because that may be another deployment by now: name the one that is to go by "
                    + "its id (GET \(request.prefix.deployments(of: tool)) lists them).")
        }
        let deployment = try await operations.removeDeployment(id, of: tool)
        return response(deployment, info: ["The deployment \(id) is removed."])
    }

    func getBuildLog(_ request: AdmittedRequest, of tool: ToolName) async throws -> Response {
        let parameters = try BuildLogParameters(request.query)
        let log = try await operations.buildLog(
            of: request.path["component"], in: try await id(in: request, of: tool), of: tool, parameters.query)
        let text = BuildLogText(
            form: BuildLogText.Form(accept: request.head.headerFields[.accept]), showsTimes: parameters.showsTimes)
        return Response(
            stream: { write in try await log.forEach { event in try await write(text.bytes(of: event)) } },
            mediaType: text.form.mediaType)
    }

    /// The word that stands for the id of the newest deployment.
    static let latest = "latest"

    func id(in request: AdmittedRequest, of tool: ToolName) async throws -> String {
        let id = request.path["deploy-id"]
        return id == Self.latest ? try await operations.latestDeploymentID(of: tool) : id
    }

    func response(_ deployment: Deployment, info: [String] = [], warnings: [String] = []) -> Response {
        var response = Response(
            Envelope(data: DeploymentView(deployment: deployment).json, info: info, warnings: warnings))
        response.metadata["deployment"] = .string(deployment.id)
        return response
    }

    /// What has come of the start of a deployment: nothing is said to have started that has not.
    private static func sentence(about deployment: Deployment, at location: String) -> String {
        let follow = "follow it with GET \(location)."
        guard !deployment.phase.isTerminal else {
            return "The deployment \(deployment.id) is recorded, and has ended at once: see its builds."
        }
        let waiting = deployment.builds.count { $0.isWaitingForStart }
        return switch waiting {
        case 0: "The deployment \(deployment.id) has started: \(follow)"
        case deployment.builds.count:
            "The deployment \(deployment.id) is recorded, and its builds are still to start: \(follow)"
        default:
            "The deployment \(deployment.id) is recorded, and \(waiting) of its \(deployment.builds.count) builds are still to "
                + "start: \(follow)"
        }
    }

    /// A sentence for each build that has not started.
    private static func warnings(about deployment: Deployment) -> [String] {
        deployment.builds.filter(\.isWaitingForStart).map { build in
            "The build of \(build.component) has not started\(build.reason.map { " (\($0.rawValue))" } ?? ""): \(build.message)."
        }
    }
}

extension Build {
    /// Whether it may not exist yet.
    fileprivate var isWaitingForStart: Bool { phase == .pending && !isCreated }
}
