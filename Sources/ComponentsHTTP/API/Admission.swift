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
    init(
        of request: APIRequest, to route: Result<Route, RequestFault>, places: WaitingPlaces
    ) throws(RequestFault) {
        guard !request.isOverloaded || (try? route.get())?.isServedUnderOverload == true else { throw .overloaded }
        let route = try route.get()
        guard let endpoint = route.endpoint(for: request.head.method) else { throw .methodNotAllowed(route.methods) }
        guard !Self.isSentByAnotherSite(request.head) else { throw .otherSite }
        handler = try Self.handler(of: endpoint, for: request, tool: route.tool)
        query = try Query(target: request.head.path ?? "")
        let known = endpoint.names(in: .query)
        for parameter in query.parameters where !known.contains(parameter.name) {
            throw .unknownQueryParameter(parameter.name, known: known)
        }
        try Self.checkConditions(of: request.head, endpoint)
        warnings = endpoint.names(in: .header).filter { name in
            HTTPField.Name("X-\(name)").map { request.head.headerFields[$0] != nil } ?? false
        }.map { "X-\($0) has no effect: the field is \($0)." }
        place = endpoint.waits(request.head.method, query) ? try places.take(for: route.tool) : nil
    }

    private static func handler(
        of endpoint: Endpoint, for request: APIRequest, tool: ToolName?
    ) throws(RequestFault) -> @Sendable (AdmittedRequest) async throws -> Response {
        switch endpoint.handler {
        case .anybody(let handler):
            return handler
        case .tool(let handler):
            // That a tool's path names one was checked at the start.
            guard let tool else { throw .unknownPath }
            let identity: ClientIdentity
            do throws(IdentityFault) {
                identity = try ClientIdentity(request.gateway)
            } catch {
                throw .unidentified(error)
            }
            guard identity.tool.value.utf8.elementsEqual(tool.value.utf8) else {
                throw .otherTool(certificate: identity.tool, path: tool)
            }
            return { request in try await handler(request, tool) }
        }
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
