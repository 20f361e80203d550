import Components
import HTTPTypes
import JSON

extension ErrorResponse {
    /// The response to whatever the handlers of this family throw.
    init(native error: any Error, prefix: URLPrefix) {
        switch error {
        case let error as RequestFault: self.init(error)
        case let error as ComponentsError: self.init(error, prefix: prefix)
        case let error as ErrorResponse: self = error
        default: self.init(unexpected: error)
        }
    }

    /// The response to an operation that did not do what was asked: the one table from the domain's errors to HTTP.
    ///
    /// - Parameter prefix: what stands before this service's paths, for messages that say what to call.
    init(_ error: ComponentsError, prefix: URLPrefix) {
        switch error {
        case .configMissing(let tool):
            self.init(
                .notFound,
                "The tool \(tool) has no config: store one with POST \(prefix.config(of: tool)), as JSON or YAML.")
        case .configImported(let tool):
            self.init(
                .conflict,
                "The tool \(tool) has stored no config here, so nothing was removed: the one that is shown is that of the Python "
                    + "components-api, which this service never changes. Remove it there, or store another one with POST "
                    + "\(prefix.config(of: tool)), which takes its place.")
        case .configInvalid(let problems, let warnings):
            self.init(
                .unprocessableContent, Self.details(problems, none: "The config is not valid."),
                warnings: warnings)
        case .preconditionFailed(let tool, let failure):
            self.init(.preconditionFailed, Self.message(failure, of: tool, prefix: prefix))
        case .storedConfigInvalid(let problems, let warnings, let origin):
            let name = "The \(origin.name) is not valid"
            let advice = origin.isElsewhere ? "correct it there" : "store a corrected one"
            self.init(
                .unprocessableContent,
                Self.details(
                    problems, opening: "\(name), \(advice): ", isInBody: false, none: "\(name): \(advice)."),
                warnings: warnings)
        case .configUnavailable(let url, let reason):
            self.init(
                .badRequest,
                "The config could not be fetched from \(url.quotedForMessage), so nothing was done: \(Self.sentence(reason))"
            )
        case .optionsInvalid(let problems):
            self.init(.unprocessableContent, problems.map(ErrorDetail.init))
        case .deploymentMissing(let tool, let id):
            self.init(
                .notFound,
                "The tool \(tool) has no deployment \(id.quotedForMessage): it may never have been, or newer ones may have "
                    + "taken its place. Start one with POST \(prefix.deployments(of: tool)).")
        case .noDeployments(let tool):
            self.init(
                .notFound,
                "The tool \(tool) has no deployment yet. Start one with POST \(prefix.deployments(of: tool)).")
        case .componentMissing(let deployment, let component, let known):
            let guess = component.nearest(of: known).map { " Did you mean \($0.quotedForMessage)?" } ?? ""
            self.init(
                .notFound,
                "The deployment \(deployment.id) has no component \(component.quotedForMessage): it has "
                    + "\(known.map(\.quotedForMessage).joined(separator: ", ")).\(guess)")
        case .keyTaken(let id):
            self.init(
                .conflict,
                "This Idempotency-Key started the deployment \(id) by another request, one with other options. "
                    + "Repeat it as it was, or send another key.")
        case .undecided(let id):
            self.init(
                .serviceUnavailable,
                "An earlier request with this Idempotency-Key has recorded the deployment \(id) and is checking that no other one is "
                    + "under way. Send the same request again in a second.",
                fields: [.retryAfter: "1"])
        case .superseded(let id):
            self.init(
                .conflict,
                "The deployment \(id) was removed by newer ones while it was being started; its builds were cancelled. "
                    + "Follow the newest, or start another.")
        case .overlaps(let tool, let id):
            self.init(
                .conflict,
                "The deployment \(id) has not ended, and this one was not to overlap with another: it was not started. Wait for "
                    + "its end (GET \(prefix.deployment(id, of: tool))), cancel it (PUT \(prefix.deployment(id, of: tool))/cancel), "
                    + "or ask with {\"overlap\": \"supersede\"}.")
        case .deploymentEnded(let deployment):
            let how =
                DeploymentView.word(for: deployment.phase)
                + (deployment.reason.map { " (\($0.rawValue))" } ?? "")
            self.init(
                .conflict,
                deployment.phase.isTerminal
                    ? "The deployment \(deployment.id) has ended as \(how), so there is nothing to cancel."
                    : "The deployment \(deployment.id) is already being ended (\(deployment.stop?.reason.rawValue ?? "")), so it "
                        + "is not cancelled.")
        case .frozen(let reason):
            self.init(
                .serviceUnavailable,
                "Toolforge's admins let no deployment start now: \(Self.sentence(reason)) "
                    + "Everything else works; deployments that were started go on.")
        case .cluster(let failure, let subject):
            self.init(failure, about: subject, prefix: prefix)
        }
    }

    private init(_ failure: ClusterFailure, about subject: OperationSubject, prefix: URLPrefix) {
        switch failure {
        case .toolMissing:
            let name = subject.tool.map { "tool \($0): its namespace tool-\($0)" } ?? "such tool: its namespace"
            self.init(.notFound, "There is no \(name) is missing. A new tool takes a few minutes to get it.")
        case .toolTerminating:
            let name =
                subject.tool.map { "\($0) is being deleted: its namespace tool-\($0)" }
                ?? "is being deleted: its namespace"
            self.init(.conflict, "The tool \(name) is terminating and takes nothing new.")
        case .terminating:
            self.init(
                .conflict,
                "\(subject.name.prefix(1).uppercased())\(subject.name.dropFirst()) is being deleted: nothing was stored. "
                    + "Try again when it is gone.")
        case .absent, .exists, .conflict:
            self.init(
                .conflict,
                "Others changed \(subject.name) at the same time, again and again; nothing was changed. Try again.")
        case .full(let quota):
            self.init(.unprocessableContent, "The cluster's rules refuse this: \(Self.sentence(quota.reason))")
        case .refused(let reason):
            self.init(.unprocessableContent, "The cluster's rules refuse this: \(Self.sentence(reason))")
        case .tooLarge:
            self.init(
                .contentTooLarge,
                "The cluster has no room for that much in one object: \(subject.name). Make it smaller.")
        case .unreadable(let reason):
            self.init(.conflict, Self.message(unreadable: subject, because: reason, prefix: prefix))
        case .failed(let reason), .invalidResponse(let reason):
            self.init(.badGateway, "The cluster did not do its part: \(Self.sentence(reason))")
        case .unavailable(let reason, let retryAfter):
            var sentence = Self.sentence(reason)
            if case .newDeployment(let deployment) = subject {
                sentence =
                    "\(reason) (if the deployment \(deployment.id) was recorded all the same, asking for it starts its builds)."
            }
            let seconds = Self.retryAfter(retryAfter)
            self.init(
                .serviceUnavailable, "The cluster cannot be used now: \(sentence) Try again in \(seconds) s.",
                fields: [.retryAfter: String(seconds)])
        case .timedOut(let mayHaveHappened):
            let reason =
                switch subject {
                case .room: "room for a new deployment was not made in time, and no new one was started; try again"
                case _ where mayHaveHappened:
                    "\(subject.name) may have been stored all the same; look before you ask again"
                default: "nothing was changed; try again"
                }
            self.init(.gatewayTimeout, "The cluster did not answer in time: \(Self.sentence(reason))")
        }
    }

    /// The longest wait a client is told, in seconds.
    static let maximumRetryAfter = 3_600

    /// The seconds after which to try again: what the cluster said, else a few, not for everybody the same.
    private static func retryAfter(_ given: Int?) -> Int {
        given.map { min(max($0, 1), maximumRetryAfter) } ?? Int.random(in: 1...5)
    }

    private static func message(_ failure: FailedPrecondition, of tool: ToolName, prefix: URLPrefix) -> String {
        let path = prefix.config(of: tool)
        return switch failure {
        case .changed:
            "The config of the tool \(tool) is not the one that If-Match names: it was changed since, and nothing was "
                + "stored now. Read it again (GET \(path)), merge, and send that with the new ETag."
        case .missing:
            "The tool \(tool) has no config that If-Match could name, and nothing was stored. "
                + "Store a first one with If-None-Match: * in place of If-Match."
        case .present:
            "The tool \(tool) has a config that If-None-Match excludes, and nothing was stored. "
                + "Read it (GET \(path)), merge, and send that with its ETag in If-Match."
        }
    }

    /// The object is as somebody else left it, so the cluster is not at fault: whoever reads this can do something about it.
    private static func message(
        unreadable subject: OperationSubject, because reason: String, prefix: URLPrefix
    ) -> String {
        let whatToDo =
            switch subject {
            case .config: "Store a config: it takes the place of what is there"
            case .deployment(let deployment), .newDeployment(let deployment):
                "It hinders no other deployment, and goes when newer ones take its place, or by DELETE "
                    + prefix.deployment(deployment.id, of: deployment.tool)
            case .tool, .deployments, .room, .goodBuilds, .deployToken, .service:
                "Toolforge's admins have to mend or remove it"
            }
        return "What is stored as \(subject.name) cannot be read: \(reason). This version of the service did "
            + "not write that. \(whatToDo)."
    }

    /// A reason with a full stop, if it has none: some are the cluster's own words.
    private static func sentence(_ reason: String) -> String {
        guard let last = reason.last, !".!?…".contains(last) else { return reason }
        return reason + "."
    }

    private static func details(
        _ problems: [ConfigProblem], opening: String = "", isInBody: Bool = true, none: String
    ) -> [ErrorDetail] {
        guard !problems.isEmpty else { return [ErrorDetail(none)] }
        return problems.map { problem in
            ErrorDetail(
                opening + (problem.path.isEmpty ? problem.message : "\(problem.path): \(problem.message)"),
                at: problem.keys, isInBody: isInBody)
        }
    }
}

extension ErrorDetail {
    /// A mistake in the body of `POST …/deploy`.
    init(_ problem: OptionProblem) { self.init(problem.message, at: problem.path, isInBody: true) }
}

extension ConfigOrigin {
    /// The words for such a config, behind an article.
    var name: String {
        switch self {
        case .stored: "stored config"
        case .imported: "config of the Python components-api"
        case .fetched(let url): "config at \(url)"
        }
    }

    /// Whether whoever corrects it does so at a URL.
    var isElsewhere: Bool {
        if case .fetched = self { true } else { false }
    }
}

extension OperationSubject {
    /// The words for it in a sentence.
    fileprivate var name: String {
        switch self {
        case .tool: "the tool"
        case .config: "the config"
        case .deployments: "the list of deployments"
        case .deployment(let deployment): "the deployment \(deployment.id)"
        case .newDeployment(let deployment): "the new deployment \(deployment.id)"
        case .room: "an old deployment that has to make room"
        case .goodBuilds: "the newest good builds"
        case .deployToken: "the deploy token"
        case .service: "the service's kinds"
        }
    }
}
