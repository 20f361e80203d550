import Components
import HTTPTypes

/// Who is let in: the one place in which that is decided.
enum Admission {
    /// What answers a request, if the request may be made.
    ///
    /// The order of the checks is that of `APIResponder`. The handler of a tool's endpoint is given the tool that was
    /// compared with the certificate, and no other.
    static func handler(
        for request: APIRequest, to route: Result<Route, RequestFault>
    ) throws(RequestFault) -> @Sendable (AdmittedRequest) async throws -> Response {
        guard !request.isOverloaded || (try? route.get())?.isServedUnderOverload == true else { throw .overloaded }
        let route = try route.get()
        guard let endpoint = route.endpoint(for: request.head.method) else { throw .methodNotAllowed(route.methods) }
        guard !isSentByAnotherSite(request.head) else { throw .otherSite }
        switch endpoint.handler {
        case .anybody(let handler):
            return handler
        case .tool(let handler):
            // That a tool's path names one was checked at the start.
            guard let tool = route.tool else { throw .unknownPath }
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
