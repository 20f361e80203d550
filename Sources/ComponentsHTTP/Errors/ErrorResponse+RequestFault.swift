import Components
import HTTPTypes
import JSON

extension ErrorResponse {
    /// The response to a request that was refused before any operation was called.
    init(_ fault: RequestFault) {
        switch fault {
        case .invalidPath(let reason):
            self.init(.badRequest, "The path cannot be read: \(reason).")
        case .unknownPath:
            self.init(.notFound, "There is no such path: GET /openapi.json lists those there are.")
        case .invalidToolName(let name):
            self.init(
                .notFound,
                "There is no tool \(name.quotedForMessage): a tool's name is made of lower-case letters, digits and dashes, "
                    + "begins with a letter, does not end with a dash, and has at most \(ToolName.maximumLength) characters."
            )
        case .methodNotAllowed(let methods):
            let list = methods.map(\.rawValue).joined(separator: ", ")
            self.init(.methodNotAllowed, "This path answers \(list).", fields: [.allow: list])
        case .invalidQuery(let reason):
            self.init(.badRequest, "The query cannot be read: \(reason).")
        case .unknownQueryParameter(let name, let known):
            let whatThereIs =
                known.isEmpty ? "it has none" : "it has \(known.map(\.quotedForMessage).joined(separator: ", "))"
            let guess = name.nearest(of: known).map { " Did you mean \($0.quotedForMessage)?" } ?? ""
            self.init(
                .badRequest,
                "This endpoint has no query parameter \(name.quotedForMessage): \(whatThereIs).\(guess) Nothing was done."
            )
        case .unknownCondition(let name, let known):
            let whatThereIs = known.isEmpty ? "" : " It evaluates \(known.joined(separator: " and "))."
            self.init(
                .badRequest,
                "This endpoint does not evaluate \(name.rawName), and nothing was done: send the request without it."
                    + whatThereIs)
        case .unidentified(let fault):
            self.init(fault)
        case .otherTool(let certificate, let path):
            self.init(
                .forbidden,
                "The certificate is that of the tool \(certificate), which may not act for the tool \(path): "
                    + "use the certificate of \(path), or the path of \(certificate).")
        case .tokenNotEnough:
            self.init(
                .forbidden,
                "A deploy token may start deployments and follow them, and nothing else: send this with the tool's "
                    + "certificate, and without the token.",
                fields: [.wwwAuthenticate: "Bearer error=\"insufficient_scope\""])
        case .tokenRefused(let refusal, let tool):
            self.init(
                .unauthorized, Self.message(refusal, of: tool),
                fields: [.wwwAuthenticate: "Bearer error=\"invalid_token\""])
        case .tokenBesideCertificate(let tool):
            self.init(
                .forbidden,
                "The certificate is that of the tool \(tool), and the token beside it does not match the tool's token: "
                    + "send only one of the two.")
        case .severalTokens:
            self.init(.badRequest, "There are several deploy tokens in this request: send one, once.")
        case .otherSite:
            self.init(
                .forbidden,
                "A page of another site made your browser send this, with your certificate: nothing was done. "
                    + "Send it from this service's own page (GET /docs), or by a program that is no browser.")
        case .body(let fault):
            self.init(fault)
        case .unsupportedMediaType(let type):
            let types = BodyFormat.allMediaTypes.joined(separator: ", ")
            self.init(
                .unsupportedMediaType,
                "A body of the type \(type.quotedForMessage) is not read: send one of \(types), in UTF-8, "
                    + "and say so in Content-Type." + Self.hint(for: type))
        case .contentEncoding(let coding):
            self.init(
                .unsupportedMediaType,
                "A body with Content-Encoding: \(coding.quotedForMessage) is not read: send it uncompressed, "
                    + "without Content-Encoding.", fields: [.acceptEncoding: "identity"])
        case .malformedBody(let message, let place):
            self.init(.badRequest, [ErrorDetail(message, at: place)])
        case .invalidCondition(let name, let value):
            self.init(
                .badRequest,
                "\(name.rawName) cannot be read: \(value.quotedForMessage). Send the ETag of a response unchanged, "
                    + "with its quotes; separate several with commas; or send *.")
        case .alteredTag(let tag, let isWeak, let unaltered):
            let why = isWeak ? "is weak, and If-Match compares strongly (RFC 9110, section 13.1.1)" : "is altered"
            self.init(
                .preconditionFailed,
                "The tag \(tag) in If-Match \(why): something between you and this service, such as a proxy that "
                    + "compresses, has changed it. Nothing was stored. Send \(unaltered) instead; if that fails, the "
                    + "config was changed since: read it again, merge, and send that with the new ETag.")
        case .invalidKey(let value):
            self.init(
                .badRequest,
                "The Idempotency-Key \(value.quotedForMessage) is not valid: send one key of letters, digits, dots, underscores and "
                    + "dashes without quotes, at most \(IdempotencyKey.maximumLength) characters; a UUID will do.")
        case .invalidOptions(let problems):
            self.init(.unprocessableContent, problems.map(ErrorDetail.init))
        case .overloaded:
            self.init(
                .serviceUnavailable, "The service has more to do than it can: try again in a second.",
                fields: [.retryAfter: "1"])
        case .tooManyWaiting(let limit, let tool):
            let whose = tool.map { "\(limit) requests of the tool \($0)" } ?? "\(limit) requests"
            let seconds = Int.random(in: 5...15)
            self.init(
                .tooManyRequests,
                "\(whose) wait or are streamed already, as many as may: end one, or try again in \(seconds) s.",
                fields: [.retryAfter: String(seconds)])
        }
    }

    /// Why a token is not accepted; without the token.
    ///
    /// The first words are those that the field's scripts look for.
    private static func message(_ refusal: DeployTokenRefusal, of tool: ToolName) -> String {
        switch refusal {
        case .unavailable:
            "This service accepts no deploy tokens, because it has no keys for them: use the tool's certificate, or ask its "
                + "administrators to set TOKEN_KEYS_FILE."
        case .noToken:
            "The tool '\(tool)' has no deploy token yet, you have to create one before using it."
        case .other:
            "The token passed does not match the tool's token: the tool's maintainers can show it (toolforge components "
                + "deploy-token show), and it may have been refreshed since."
        case .expired:
            "The token passed has expired, please create a new one (toolforge components deploy-token refresh)."
        case .keyGone:
            "The token of the tool '\(tool)' is no longer valid, because the key that it was made with is gone: refresh it "
                + "(toolforge components deploy-token refresh)."
        }
    }

    /// What the sender of a form, which nobody sends here on purpose, should do.
    private static func hint(for type: String) -> String {
        MediaType(type)?.essence == "application/x-www-form-urlencoded"
            ? " This is the type that curl -d sends: use curl --data-binary @FILE -H 'Content-Type: application/yaml' "
                + "(-d removes line ends too)." : ""
    }

    private init(_ fault: IdentityFault) {
        let whatToDo = "use the certificate of your tool (subject CN=<tool>,O=\(ClientIdentity.organization))"
        switch fault {
        case .gatewaySilent:
            self.init(
                .unauthorized,
                "The gateway does not say whether it verified a client certificate: its administrators must send SSL_CLIENT_VERIFY."
            )
        case .notVerified:
            self.init(.unauthorized, "A verified client certificate is required: \(whatToDo).")
        case .subject(let reason):
            self.init(
                .unauthorized, "The subject of the client certificate is not that of a tool: \(reason); \(whatToDo).")
        }
    }

    private init(_ fault: RequestBodyFault) {
        switch fault {
        case .tooLarge(let limit):
            self.init(.contentTooLarge, "The body is too large: at most \(limit) bytes are read.")
        case .incomplete(let announced, let received):
            self.init(
                .badRequest,
                "The body is incomplete: \(announced) bytes were announced, \(received) came. Send it again.")
        case .invalidLength(let text):
            self.init(.badRequest, "The length of the body, \(text.quotedForMessage), is not a number of bytes.")
        case .timedOut:
            self.init(.requestTimeout, "The body did not arrive in time. Send it again.")
        }
    }
}
