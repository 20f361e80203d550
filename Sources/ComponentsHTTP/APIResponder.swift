public import Components
import HTTPTypes
public import Logging

/// Answers the requests of the API: every request gets an answer, and every answer is an envelope but for the OpenAPI
/// document, the page made from it, and the metrics.
///
/// What a request must pass, in this order, the first that fails being the answer: the service is not overloaded (503,
/// `/healthz` and `/metrics` excepted); the path can be read (400) and is there (404); the method is one of the path's
/// (405); no page of another site sends it (403); where the path names a tool, somebody is known to be asking (401), for
/// the tool in the path (403). Only then is the body looked at (400, 408, 413, 415, 422), and only then is the cluster
/// asked for anything. Query parameters are ignored: none is known.
public struct APIResponder: Sendable {
    private let handlers: Handlers
    private let logger: Logger
    private let observer: (any ExchangeObserver)?

    /// A responder.
    ///
    /// - Parameters:
    ///   - operations: what is served.
    ///   - logger: gets one line of level info for each request, and one more for what went wrong in the cluster or the
    ///     gateway. With `RequestContext.metadataProvider` every line bears the request's id.
    ///   - version: of this service, as the OpenAPI document gives it.
    ///   - observer: learns of every exchange.
    ///   - metrics: what `/metrics` answers, asked with each request for it.
    public init(
        operations: any ComponentsOperations, logger: Logger, version: String = "1.0.0",
        observer: (any ExchangeObserver)? = nil,
        metrics: @escaping @Sendable () -> MetricsDocument = { MetricsDocument([], mediaType: "text/plain") }
    ) {
        self.init(
            operations: operations, logger: logger, openAPI: OpenAPIRendering(version: version),
            documentation: DocumentationRendering(document: OpenAPIDocument(version: version).json),
            observer: observer, metrics: metrics)
    }

    /// A responder with documents that are rendered already.
    init(
        operations: any ComponentsOperations, logger: Logger, openAPI: OpenAPIRendering,
        documentation: DocumentationRendering, observer: (any ExchangeObserver)? = nil,
        metrics: @escaping @Sendable () -> MetricsDocument = { MetricsDocument([], mediaType: "text/plain") }
    ) {
        handlers = Handlers(
            operations: operations, openAPI: openAPI, documentation: documentation, metrics: metrics)
        self.logger = logger
        self.observer = observer
    }

    /// Answers a request; it never fails, and calls the operations only for whom the gateway identified.
    public func respond(to request: APIRequest) async -> APIResponse {
        let requestID = RequestID(request.head)
        return await RequestContext.$requestID.withValue(requestID.description) {
            await respond(to: request, as: requestID)
        }
    }

    private func respond(to request: APIRequest, as requestID: RequestID) async -> APIResponse {
        let start = ContinuousClock.now
        observer?.exchangeBegan()
        let route = Result { () throws(RequestFault) in
            try Route(try RequestPath(target: request.head.path ?? ""))
        }
        let format = Self.format(of: request.head, route: try? route.get())
        let answer: Answer
        do throws(ErrorAnswer) {
            answer = try await self.answer(to: request, route: route, format: format)
        } catch {
            answer = Answer(error)
        }
        let isHead = request.head.method == .head
        let response = answer.response(format: format, requestID: requestID, isHead: isHead)
        let exchange = ObservedExchange(
            method: request.head.method.label, route: (try? route.get())?.template ?? "none",
            status: answer.status.code, duration: start.duration(to: .now))
        observer?.exchangeEnded(exchange)
        AccessLog(exchange: exchange, tool: (try? route.get())?.tool, answer: answer).write(to: logger)
        return response
    }

    private func answer(
        to request: APIRequest, route: Result<Route, RequestFault>, format: BodyFormat
    ) async throws(ErrorAnswer) -> Answer {
        let links = links(of: request)
        let admitted: Route
        do throws(RequestFault) {
            admitted = try Self.admit(request, to: route)
        } catch {
            if error == .unidentified(.gatewaySilent) {
                logger.error("The gateway sends no SSL_CLIENT_VERIFY")
            }
            throw ErrorAnswer(error)
        }
        return try await handlers.answer(to: request, route: admitted, format: format, links: links)
    }

    /// The one place in which a request is let in: see the type's comment for the order.
    private static func admit(_ request: APIRequest, to route: Result<Route, RequestFault>) throws(RequestFault)
        -> Route
    {
        guard !request.isOverloaded || (try? route.get())?.isServedUnderOverload == true else { throw .overloaded }
        let route = try route.get()
        guard route.methods.contains(request.head.method) else { throw .methodNotAllowed(route.methods) }
        guard !isSentByAnotherSite(request.head) else { throw .otherSite }
        guard let tool = route.tool else { return route }
        let identity: ClientIdentity
        do throws(IdentityFault) {
            identity = try ClientIdentity(request.gateway)
        } catch {
            throw .unidentified(error)
        }
        guard identity.tool.value.utf8.elementsEqual(tool.value.utf8) else {
            throw .otherTool(certificate: identity.tool, path: tool)
        }
        return route
    }

    /// Whether a browser says that a page of another site makes it change something here.
    ///
    /// A browser shows a certificate that was imported for the forms of `/docs` to this service whoever makes it ask; a
    /// foreign page could send `POST …/deploy` so, and not read the answer, but the deployment would have started. Every
    /// browser since 2023 sends `Sec-Fetch-Site` (Fetch Metadata), and no page can change it. What sends none is no
    /// browser, and holds its certificate itself.
    private static func isSentByAnotherSite(_ head: HTTPRequest) -> Bool {
        guard head.method != .get, head.method != .head, let site = head.headerFields[.secFetchSite] else {
            return false
        }
        return site != "same-origin" && site != "none"
    }

    /// Only reading offers a choice of formats.
    private static func format(of head: HTTPRequest, route: Route?) -> BodyFormat {
        guard let route, route.offersYAML, head.method == .get || head.method == .head else { return .json }
        return BodyFormat(accept: head.headerFields[.accept])
    }

    private func links(of request: APIRequest) -> URLPrefix {
        guard let given = request.gateway.prefix else { return .none }
        guard let prefix = URLPrefix(given) else {
            logger.warning("The gateway sends a URL_PREFIX that is no prefix: it is ignored")
            return .none
        }
        return prefix
    }
}
