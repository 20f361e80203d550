import Components
import HTTPTypes
import OpenAPI

/// A request that may be made: the one place in which that is decided.
struct Admission {
    /// What responds to it.
    ///
    /// The handler of a tool's endpoint is given the tool that was compared with the certificate, and no other.
    let handler: @Sendable (AdmittedRequest) async throws -> Response
    /// Its query, in which the endpoint knows every parameter.
    let query: Query
    /// What the client should know of its request although it may be made: sentences.
    let warnings: [String]
    /// The place that it has taken among those that wait, if it may wait; to be given back at its end.
    let place: WaitingPlaces.Place?

    /// Checks a request, in the order of `APIResponder`.
    ///
    /// - Parameters:
    ///   - places: those of the requests that wait.
    ///   - tokens: checks deploy tokens.
    /// - Throws: `RequestFault`; `ComponentsError` if the cluster did not say whether a token is the tool's.
    init(
        of request: APIRequest, to route: Result<Route, RequestFault>, places: WaitingPlaces,
        tokens: any DeployTokenOperations
    ) async throws {
        let checked = try CheckedRequest(request, to: route)
        if let token = checked.token { try await Self.check(token, of: checked, tokens) }
        try self.init(of: checked, places: places)
    }

    /// The checks that follow that of the token.
    private init(of checked: CheckedRequest, places: WaitingPlaces) throws {
        let (request, endpoint) = (checked.request, checked.endpoint)
        handler = checked.handler
        query = try checked.query.get()
        let known = endpoint.names(in: .query)
        for parameter in query.parameters where !known.contains(parameter.name) {
            throw RequestFault.unknownQueryParameter(parameter.name, known: known)
        }
        try Self.checkConditions(of: request.head, endpoint)
        warnings = endpoint.names(in: .header).filter { name in
            HTTPField.Name("X-\(name)").map { request.head.headerFields[$0] != nil } ?? false
        }.map { "X-\($0) has no effect: the field is \($0)." }
        place = endpoint.waits(request.head.method, query) ? try places.take(for: checked.route.tool) : nil
    }

    /// Checks that a token is enough for the endpoint, and that it is the tool's.
    ///
    /// Whoever shows a certificate and a token must mean the same tool by both.
    private static func check(
        _ token: CheckedRequest.Token, of checked: CheckedRequest, _ tokens: any DeployTokenOperations
    ) async throws {
        guard checked.endpoint.acceptsDeployToken else { throw RequestFault.tokenNotEnough }
        let refusal: DeployTokenRefusal?
        do throws(DeployTokenError) {
            refusal = try await tokens.check(token.text, of: token.tool)
        } catch {
            guard case .cluster(let failure, let tool) = error else { throw error }
            throw ComponentsError.cluster(failure, about: .deployToken(of: tool))
        }
        guard let refusal else { return }
        throw token.isBesideCertificate
            ? RequestFault.tokenBesideCertificate(of: token.tool) : .tokenRefused(refusal, of: token.tool)
    }

    /// Refuses a condition that must be evaluated (RFC 9110, section 13.2.1) where the endpoint evaluates none.
    ///
    /// A client that sends one relies on it. `If-None-Match` of a reading only saves a body, and may be ignored, as may
    /// `If-Modified-Since`, which is defined for readings alone.
    private static func checkConditions(of head: HTTPRequest, _ endpoint: Endpoint) throws(RequestFault) {
        let evaluated = endpoint.names(in: .header)
        let isReading = head.method == .get || head.method == .head
        let mustBeEvaluated: [HTTPField.Name] =
            isReading ? [.ifMatch, .ifUnmodifiedSince] : [.ifMatch, .ifUnmodifiedSince, .ifNoneMatch]
        for name in mustBeEvaluated where head.headerFields[name] != nil && !evaluated.contains(name.rawName) {
            throw .unknownCondition(name, known: evaluated.filter { $0.hasPrefix("If-") })
        }
    }
}

/// A request that has passed the checks up to the certificate; its token, if it has one, is still to be checked.
///
/// It is an object, so that the task of a request, which may wait for minutes, keeps little of it.
private final class CheckedRequest {
    /// A deploy token that is the client's only proof, or one beside a certificate.
    struct Token {
        let text: String
        let tool: ToolName
        let isBesideCertificate: Bool
    }

    let request: APIRequest
    let route: Route
    let endpoint: Endpoint
    let query: Result<Query, RequestFault>
    let handler: @Sendable (AdmittedRequest) async throws -> Response
    let token: Token?

    /// The checks up to the certificate.
    init(_ request: APIRequest, to route: Result<Route, RequestFault>) throws {
        guard !request.isOverloaded || (try? route.get())?.isServedUnderOverload == true else {
            throw RequestFault.overloaded
        }
        let route = try route.get()
        guard let endpoint = route.endpoint(for: request.head.method) else {
            throw RequestFault.methodNotAllowed(route.methods)
        }
        guard !Self.isSentByAnotherSite(request.head) else { throw RequestFault.otherSite }
        query = Result { () throws(RequestFault) in
            try Query(target: request.head.path ?? "", aliases: endpoint.queryAliases)
        }
        (self.request, self.route, self.endpoint) = (request, route, endpoint)
        switch endpoint.handler {
        case .anybody(let handler):
            self.handler = handler
            token = nil
        case .tool(let handler):
            // That a tool's path names one was checked at the start.
            guard let tool = route.tool else { throw RequestFault.unknownPath }
            self.handler = { request in try await handler(request, tool) }
            token = try Self.token(in: request, query: try? query.get(), endpoint, of: tool)
            let isTokenAlone = token.map { !$0.isBesideCertificate } ?? false
            if !isTokenAlone { try Self.checkCertificate(of: request, for: tool) }
        }
    }

    private static func token(
        in request: APIRequest, query: Query?, _ endpoint: Endpoint, of tool: ToolName
    ) throws(RequestFault) -> Token? {
        let query = endpoint.names(in: .query).contains(DeployTokenCredential.parameter) ? query : nil
        guard let credential = try DeployTokenCredential(request.head, query: query) else { return nil }
        return Token(
            text: credential.text, tool: tool, isBesideCertificate: request.gateway.clientVerify != "NONE")
    }

    /// Checks that the client's certificate is that of the tool.
    private static func checkCertificate(of request: APIRequest, for tool: ToolName) throws(RequestFault) {
        let identity: ClientIdentity
        do throws(IdentityFault) {
            identity = try ClientIdentity(request.gateway)
        } catch {
            throw .unidentified(error)
        }
        guard identity.tool.value.utf8.elementsEqual(tool.value.utf8) else {
            throw .otherTool(certificate: identity.tool, path: tool)
        }
    }

    /// Whether a browser says that a page of another site makes it change something here.
    ///
    /// A browser shows a certificate that was imported for the forms of `/docs` to this service whoever makes it ask; a
    /// foreign page could send a `POST` so. It could not read the response, but the change would have been made. Every
    /// browser since 2023 sends `Sec-Fetch-Site` (Fetch Metadata), and no page can change it. A client that sends none is
    /// no browser, and holds its certificate itself.
    private static func isSentByAnotherSite(_ head: HTTPRequest) -> Bool {
        guard head.method != .get, head.method != .head, let site = head.headerFields[.secFetchSite] else {
            return false
        }
        return site != "same-origin" && site != "none"
    }
}
