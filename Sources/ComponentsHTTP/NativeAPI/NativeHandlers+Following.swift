import Components
import HTTPTypes
import JSON
import Logging

/// What waits for a deployment, and follows it.
extension NativeHandlers {
    /// The longest `wait`, in seconds: less than what is between client and service waits for an answer.
    static let maximumWait = 50

    func getDeployment(_ request: AdmittedRequest, of tool: ToolName) async throws -> Response {
        do {
            return response(to: request, with: try await deployment(of: request, tool))
        } catch let error as ComponentsError {
            return try await newestReadable(request, of: tool, after: error)
        }
    }

    /// Not inlined: its copies would take their room in the frame of a handler that waits.
    @inline(never) private func response(to request: AdmittedRequest, with deployment: Deployment) -> Response {
        guard request.prefersText else { return response(deployment) }
        return response(text: DeploymentText.table(of: deployment), of: deployment)
    }

    /// The newest deployment that can be read, where the newest of all cannot: what others put there must not hide the
    /// tool's own deployments.
    private func newestReadable(
        _ request: AdmittedRequest, of tool: ToolName, after error: ComponentsError
    ) async throws -> Response {
        guard case .cluster(.unreadable, .deployment(let unreadable)) = error,
            request.path["deploy-id"] == Self.latest
        else { throw error }
        let readable = try await operations.deployments(of: tool).compactMap(\.deployment)
        guard let newest = readable.first else { throw error }
        return response(
            try await operations.deployment(newest.id, of: tool),
            warnings: ["The deployment \(unreadable.id) is newer, but cannot be read: GET it by its id to see why."])
    }

    func getDeploymentResult(_ request: AdmittedRequest, of tool: ToolName) async throws -> Response {
        result(of: try await deployment(of: request, tool), request, tool)
    }

    @inline(never) private func result(
        of deployment: Deployment, _ request: AdmittedRequest, _ tool: ToolName
    ) -> Response {
        var response =
            if deployment.phase == .succeeded { response(deployment) } else {
                Response(Self.result(of: deployment, at: request.prefix.deployment(deployment.id, of: tool)))
            }
        response.metadata["deployment"] = .string(deployment.id)
        return response
    }

    func followDeployment(_ request: AdmittedRequest, of tool: ToolName) async throws -> Response {
        let accept = AcceptedMediaTypes(request.head.headerFields[.accept] ?? "*/*")
        let isForPeople =
            accept.weight(ofAny: [DeploymentText.mediaType]) >= accept.weight(ofAny: [ServerSentEvent.mediaType])
        let mediaType = isForPeople ? DeploymentText.mediaType : ServerSentEvent.mediaType
        let id = try await id(in: request, of: tool)
        guard request.mayWait else {
            let deployment = try await operations.deployment(id, of: tool)
            return response(streamed: mediaType, of: deployment) { _ in }
        }
        let followed = try await operations.followDeployment(id, of: tool)
        let first = followed.first
        guard !isForPeople else {
            let location = request.prefix.deployment(id, of: tool)
            return response(streamed: mediaType, of: first.deployment) { write in
                var narration = DeploymentNarration(location: location)
                try await write(Array(narration.begin(with: first).utf8))
                try await followed.forEach { event in
                    let text = narration.text(of: event)
                    if !text.isEmpty { try await write(Array(text.utf8)) }
                }
            }
        }
        let isKnown = request.head.headerFields[.lastEventID] == first.version
        // The one answer after which a browser does not ask again.
        guard !isKnown || !first.deployment.phase.isTerminal else { return Response(withoutBody: .noContent) }
        return response(streamed: mediaType, of: first.deployment) { write in
            try await write((isKnown ? .comment : ServerSentEvent(first)).bytes)
            try await followed.forEach { event in try await write(ServerSentEvent(event, of: id).bytes) }
        }
    }

    /// The deployment, after the wait that the request asks for.
    private func deployment(of request: AdmittedRequest, _ tool: ToolName) async throws -> Deployment {
        let wait = try Self.wait(request.query)
        let id = try await id(in: request, of: tool)
        guard let wait, request.mayWait else { return try await operations.deployment(id, of: tool) }
        return try await operations.deployment(id, of: tool, endedWithin: .seconds(wait))
    }

    /// How many seconds a request waits for the end of its deployment; `nil` if it does not.
    static func wait(_ query: Query) throws(RequestFault) -> Int? {
        guard let text = query["wait"] else { return nil }
        guard let number = Int(text), (1...maximumWait).contains(number), text.first != "+" else {
            throw .invalidQuery(
                "wait is \(text.quotedForMessage); it must be a number of seconds from 1 to \(maximumWait)")
        }
        return number
    }

    /// What is answered of a deployment that has not succeeded.
    private static func result(of deployment: Deployment, at location: String) -> ErrorResponse {
        let standing = "The deployment \(deployment.id) is \(DeploymentText.sentence(about: deployment))"
        guard deployment.phase.isTerminal else {
            return ErrorResponse(
                .tooManyRequests, "\(standing): ask again for its result.", fields: [.retryAfter: "1"])
        }
        let failed = deployment.builds.filter { $0.phase != .succeeded }.map { build in
            let reason = build.reason.map { " (\($0.rawValue))" } ?? ""
            let isSaid = build.reason.map { build.message.contains($0.nextStep) } ?? true
            let next = isSaid ? "" : build.reason.map { " What to do: \($0.nextStep)." } ?? ""
            return "The build of \(build.component) did not succeed\(reason): \(build.message).\(next)"
        }
        return ErrorResponse(.failedDependency, ["\(standing): see GET \(location)."] + failed)
    }

    private func response(text: String, of deployment: Deployment) -> Response {
        var response = Response(document: Array(text.utf8), mediaType: DeploymentText.mediaType + "; charset=utf-8")
        response.metadata["deployment"] = .string(deployment.id)
        return response
    }

    private func response(
        streamed mediaType: String, of deployment: Deployment, _ stream: @escaping ResponseStream
    ) -> Response {
        var response = Response(stream: stream, mediaType: mediaType + "; charset=utf-8")
        response.metadata["deployment"] = .string(deployment.id)
        return response
    }
}

extension AdmittedRequest {
    /// Whether text for people is wanted, rather than any of the formats.
    var prefersText: Bool {
        guard let accept = head.headerFields[.accept] else { return false }
        let accepted = AcceptedMediaTypes(accept)
        return accepted.weight(ofAny: [DeploymentText.mediaType])
            > accepted.weight(ofAny: BodyFormat.allCases.flatMap(\.acceptedMediaTypes))
    }
}

extension HTTPResponse.Status {
    /// What was asked for depends on something that failed (RFC 4918, section 11.4).
    static let failedDependency = HTTPResponse.Status(code: 424, reasonPhrase: "Failed Dependency")
}
