import Components
import HTTPTypes
import JSON

extension ErrorResponse {
    /// The response to whatever the handlers of this family throw.
    ///
    /// The client shows the first message alone, and says of 502, 503 and 504 that the service seems to be down: those are
    /// sent only where that is true.
    init(field error: any Error, prefix: URLPrefix) {
        switch error {
        case let error as ComponentsError: self.init(field: error, prefix: prefix)
        case let error as DeployTokenError: self.init(error, prefix: prefix)
        default: self.init(native: error, prefix: prefix)
        }
        // The service is there, and a repeat changes nothing.
        if status == .badGateway { status = .internalServerError }
        warnings.insert(FieldTexts.betaWarning, at: 0)
    }

    private init(field error: ComponentsError, prefix: URLPrefix) {
        switch error {
        case .configMissing(let tool):
            self.init(
                .notFound,
                "\(FieldTexts.unableToFind("config \(tool)-config", of: tool)): store one with "
                    + "`toolforge components config create FILE` (POST \(prefix.fieldConfig(of: tool))).")
        case .configImported(let tool):
            self.init(
                .conflict,
                "\(tool) has stored no configuration here, so nothing was deleted: the one that is shown is that of the Python "
                    + "components-api, which this service never changes. Store another one with "
                    + "`toolforge components config create FILE` (POST \(prefix.fieldConfig(of: tool))): it takes its place."
            )
        case .configInvalid(let problems, let warnings):
            self.init(.unprocessableContent, Self.summary(problems, of: "the config"), warnings: warnings)
        case .storedConfigInvalid(let problems, let warnings, let origin):
            self.init(
                .unprocessableContent,
                Self.summary(
                    problems, of: "the \(origin.name), so nothing is \(origin.isElsewhere ? "done" : "deployed")"),
                warnings: warnings)
        case .configUnavailable(let url, let reason):
            self.init(.badRequest, "Unable to retrive config from source url \(url): \(reason)")
        case .deploymentMissing(let tool, let id):
            self.init(
                .notFound,
                "\(FieldTexts.unableToFind("deployment \(id.quotedForMessage)", of: tool)): it may have been deleted, "
                    + "or newer ones may have taken its place.")
        case .noDeployments(let tool):
            self.init(.notFound, "No deployments found for tool: \(tool)")
        case .overlaps(_, let id):
            self.init(
                .conflict,
                "There's already 1 running, the limit is 1. Wait for it to finish for now. It is \(id): "
                    + "`toolforge components deployment cancel` cancels it.")
        case .frozen(let reason):
            self.init(native: ComponentsError.frozen(reason), prefix: prefix)
            // The service is not down.
            status = .conflict
            fields = [:]
        case .deploymentEnded(let deployment):
            self.init(
                .conflict,
                "Deployment can't be cancelled, it's state is \(FieldDeploymentView.word(for: deployment.phase))")
        case .cluster(.unreadable(let reason), let subject):
            self.init(native: ComponentsError.cluster(.unreadable(reason: reason), about: subject), prefix: prefix)
            status = .conflict
        default:
            self.init(native: error, prefix: prefix)
        }
    }

    private init(_ error: DeployTokenError, prefix: URLPrefix) {
        switch error {
        case .unavailable:
            self.init(
                .notFound,
                "This service makes no deploy tokens, because it has no keys for them: its administrators can set "
                    + "TOKEN_KEYS_FILE. Everything else works.")
        case .missing(let tool):
            self.init(
                .notFound,
                "\(FieldTexts.unableToFind("deploytoken \(tool)", of: tool)): make one with "
                    + "`toolforge components deploy-token create`.")
        case .exists(let tool):
            self.init(
                .conflict,
                "Deploy token already exists. Use the 'refresh' subcommand or PUT /tool/\(tool)/deployment/token to "
                    + "refresh it.")
        case .keyGone(let tool):
            self.init(
                .conflict,
                "The deploy token of \(tool) can no longer be shown or used, because the key that it was made with is gone. "
                    + "Use the 'refresh' subcommand or PUT /tool/\(tool)/deployment/token to make a new one.")
        case .cluster(let failure, let tool):
            self.init(field: ComponentsError.cluster(failure, about: .deployToken(of: tool)), prefix: prefix)
        }
    }

    /// All mistakes in the first message, which says how many there are; at most so many that it can be read.
    private static func summary(_ problems: [ConfigProblem], of what: String) -> [String] {
        let lines = problems.map { $0.path.isEmpty ? $0.message : "\($0.path): \($0.message)" }
        guard lines.count > 1 else { return ["1 mistake in \(what): \(lines.first ?? "it is not valid")"] }
        let shown = lines.prefix(maximumShown).map { "\n- \($0)" }.joined()
        let rest = lines.count > maximumShown ? "\n- and \(lines.count - maximumShown) more" : ""
        return ["\(lines.count) mistakes in \(what):\(shown)\(rest)"] + lines.dropFirst(maximumShown)
    }

    /// The most mistakes in one message.
    private static let maximumShown = 10
}
