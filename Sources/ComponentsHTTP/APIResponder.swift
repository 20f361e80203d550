public import Components
public import HTTPTypes
public import Logging

/// Responds to the requests of the API: every request gets a response, and every response is an envelope but for the
/// OpenAPI document, the page made from it, and the metrics.
///
/// What a request must pass, in this order; the first check that fails decides the response. The service is not overloaded
/// (503, `/healthz` and `/metrics` excepted). The path can be read (400) and is there (404). The method is one of the path's
/// (405). No page of another site sends it (403). Where the path names a tool, the client is known (401), and is that tool
/// (403): by its certificate, or, where that is enough, by the tool's deploy token. The endpoint has every query parameter and
/// evaluates every condition that is sent (400). If it may wait, there is a place for one more that waits (429). Only then is
/// the body read (400, 408, 413, 415, 422), and only then is the cluster asked for anything. `OPTIONS *` has no path, and is
/// answered after the first check.
public struct APIResponder: Sendable {
    private let table: EndpointTable
    private let tokens: any DeployTokenOperations
    private let places: WaitingPlaces
    private let logger: Logger
    private let observer: (any ExchangeObserver)?

    /// A responder.
    ///
    /// - Parameters:
    ///   - operations: the operations behind the endpoints.
    ///   - tokens: the tools' deploy tokens.
    ///   - maximumRetained: the number of a tool's deployments that are kept, as the OpenAPI document gives it.
    ///   - overlap: what happens to deployments that overlap, where the request does not say.
    ///   - fieldOverlap: the same, for the family of the field's clients.
    ///   - skipsUnchanged: whether builds of what has not changed are left out, where the request does not say.
    ///   - maximumWaiting: how many requests may wait or be streamed at a time; a tenth of it those of one tool.
    ///   - logger: gets one line of level info for each request, and one more for each failure of the cluster or the
    ///     gateway. With `RequestContext.metadataProvider` every line bears the request's id.
    ///   - version: of this service, as the OpenAPI document gives it.
    ///   - observer: is notified of every exchange.
    ///   - metrics: makes the response to `/metrics`; called for each request for it.
    /// - Throws: an error that says which endpoints do not fit together: a mistake in the sources.
    public init(
        operations: any ComponentsOperations, tokens: any DeployTokenOperations, maximumRetained: Int = 10,
        maximumWaiting: Int = 4_096, overlap: DeploymentOptions.Overlap = .allow,
        fieldOverlap: DeploymentOptions.Overlap = .reject, skipsUnchanged: Bool = false, logger: Logger,
        version: String = "1.0.0",
        observer: (any ExchangeObserver)? = nil,
        metrics: @escaping @Sendable () -> MetricsDocument = { MetricsDocument([], mediaType: "text/plain") }
    ) throws {
        let api = API(
            operations: operations, tokens: tokens, maximumRetained: maximumRetained, overlap: overlap,
            fieldOverlap: fieldOverlap, skipsUnchanged: skipsUnchanged, metrics: metrics)
        self.init(
            table: try api.table(documents: try api.documents(version: version)), tokens: tokens,
            maximumWaiting: maximumWaiting, logger: logger, observer: observer)
    }

    /// A responder of these endpoints.
    init(
        table: EndpointTable, tokens: any DeployTokenOperations, maximumWaiting: Int = 4_096, logger: Logger,
        observer: (any ExchangeObserver)? = nil
    ) {
        self.table = table
        self.tokens = tokens
        places = WaitingPlaces(limit: maximumWaiting)
        self.logger = logger
        self.observer = observer
    }

    /// Responds to a request.
    ///
    /// It never fails, and calls the operations of a tool only for that tool.
    public func respond(to request: APIRequest) async -> APIResponse {
        let requestID = RequestID(request.head)
        return await RequestContext.$requestID.withValue(requestID.description) {
            await respond(to: request, as: requestID)
        }
    }

    /// A request may wait for minutes in here, so this keeps an object, and few copies of what stands in it.
    private func respond(to request: APIRequest, as requestID: RequestID) async -> APIResponse {
        observer?.exchangeBegan()
        let exchange = Exchange(of: request, as: requestID, in: table, logger: logger)
        do {
            return written(try await response(in: exchange), exchange)
        } catch {
            return written(response(to: error, exchange), exchange)
        }
    }

    private func response(in exchange: Exchange) async throws -> Response {
        if exchange.request.isAboutTheServer, !exchange.request.isOverloaded { return table.optionsOfTheServer }
        let handler = try await admitted(exchange)
        return try await handler(exchange.admittedRequest)
    }

    /// What responds to a request that may be made.
    private func admitted(
        _ exchange: Exchange
    ) async throws -> @Sendable (AdmittedRequest) async throws -> Response {
        let admission = try await Admission(of: exchange.request, to: exchange.route, places: places, tokens: tokens)
        exchange.admission = admission
        if admission.place != nil {
            observer?.exchangeWaits()
            exchange.request.beginWait()
        }
        return admission.handler
    }

    @inline(never) private func response(to error: any Error, _ exchange: Exchange) -> Response {
        if error as? RequestFault == .unidentified(.gatewaySilent) {
            logger.error("The gateway sends no SSL_CLIENT_VERIFY")
        }
        var failure =
            error as? ErrorResponse ?? exchange.family?.errorResponse(error, exchange.prefix)
            ?? ErrorResponse(unexpected: error)
        if exchange.wantsProblem { failure.locate(in: exchange.request) }
        return Response(failure)
    }

    /// The response as it is sent; at its end the place is given back, and it is observed and logged.
    @inline(never) private func written(_ response: Response, _ exchange: Exchange) -> APIResponse {
        var response = response
        response.add(exchange.admission?.warnings ?? [])
        let method = exchange.request.head.method
        let (start, found, place) = (exchange.start, exchange.found, exchange.admission?.place)
        let end = { @Sendable [response, places, logger, observer] (isStreamBrokenOff: Bool?) in
            if let place { places.giveBack(place) }
            let observed = ObservedExchange(
                method: method.label, route: found?.template.description ?? "none", status: response.status.code,
                duration: start.duration(to: .now), hasWaited: place != nil)
            observer?.exchangeEnded(observed)
            AccessLog(
                exchange: observed, tool: found?.tool, response: response, isStreamBrokenOff: isStreamBrokenOff
            ).write(to: logger)
        }
        if exchange.family?.offersProblems == true,
            exchange.endpoint?.isNegotiated == true || response.status.kind != .successful
        {
            response.fields[.vary] = "Accept"
        }
        var written = response.written(
            in: exchange.format, asProblem: exchange.wantsProblem, requestID: exchange.requestID,
            isHead: method == .head)
        if case .stream(let stream) = written.content {
            written.content = .stream(Self.reporting(the: end, of: stream, as: exchange.requestID))
        } else {
            end(nil)
        }
        return written
    }

    /// A stream that reports its end, and whether it was broken off; its log lines bear the request's id.
    private static func reporting(
        the end: @escaping @Sendable (_ isStreamBrokenOff: Bool?) -> Void, of stream: @escaping ResponseStream,
        as requestID: RequestID
    ) -> ResponseStream {
        { write in
            try await RequestContext.$requestID.withValue(requestID.description) {
                do {
                    try await stream(write)
                } catch {
                    end(true)
                    throw error
                }
                end(false)
            }
        }
    }
}

/// What is known of a request and its response, for as long as the response takes.
private final class Exchange {
    let request: APIRequest
    let requestID: RequestID
    let start = ContinuousClock.now
    /// Where the path leads.
    let route: Result<Route, RequestFault>
    let family: Family?
    let endpoint: Endpoint?
    let format: BodyFormat
    let wantsProblem: Bool
    let prefix: URLPrefix
    private let logger: Logger
    /// What was decided about it, once it may be made.
    var admission: Admission?

    init(of request: APIRequest, as requestID: RequestID, in table: EndpointTable, logger: Logger) {
        self.request = request
        self.requestID = requestID
        let path = Result { () throws(RequestFault) in try RequestPath(target: request.head.path ?? "") }
        route = path.flatMap { path in Result { () throws(RequestFault) in try table.route(path) } }
        let found = try? route.get()
        family = found?.family ?? table.family(of: try? path.get())
        endpoint = found?.endpoint(for: request.head.method)
        format = Self.format(of: request.head, endpoint: endpoint)
        wantsProblem =
            family?.offersProblems == true
            && ProblemDetails.isWanted(by: request.head, besides: endpoint?.formats ?? [.json])
        prefix = Self.prefix(of: request, logger)
        self.logger = logger
    }

    /// Where the path leads, if it leads anywhere.
    var found: Route? { try? route.get() }

    /// The request as its handler sees it.
    var admittedRequest: AdmittedRequest {
        AdmittedRequest(
            head: request.head, body: request.body, path: found?.values ?? PathValues(names: [], values: []),
            query: admission?.query ?? .empty, format: format, prefix: prefix, mayWait: admission?.place != nil,
            person: Self.person(in: request, logger))
    }

    private static func format(of head: HTTPRequest, endpoint: Endpoint?) -> BodyFormat {
        guard let endpoint, endpoint.formats.count > 1 else { return endpoint?.formats.first ?? .json }
        return BodyFormat(accept: head.headerFields[.accept])
    }

    private static func person(in request: APIRequest, _ logger: Logger) -> String? {
        guard let person = request.gateway.person, !person.isEmpty else { return nil }
        guard person.utf8.count <= 255, !person.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F })
        else {
            logger.warning("The gateway sends a TOOLFORGE_USER that is not valid: it is ignored")
            return nil
        }
        return person
    }

    private static func prefix(of request: APIRequest, _ logger: Logger) -> URLPrefix {
        guard let given = request.gateway.prefix else { return .none }
        guard let prefix = URLPrefix(given) else {
            logger.warning("The gateway sends a URL_PREFIX that is not valid: it is ignored")
            return .none
        }
        return prefix
    }
}

/// Writes the body of a response piece by piece, and returns at its end.
///
/// `write` suspends while the client is slow, and throws when it is gone. The task is cancelled when the client is gone and
/// when the service stops; what is still written after a stop is sent. A stream that throws is broken off, so that no
/// client takes its body for complete.
public typealias ResponseStream = @Sendable (_ write: ([UInt8]) async throws -> Void) async throws -> Void

/// A response, ready to be sent.
public struct APIResponse: Sendable {
    /// The body of a response; empty in the response to a `HEAD`.
    public enum Content: Sendable {
        /// All of it.
        case bytes([UInt8])
        /// What the stream writes. It must be called once, whether the client is still there or not: the access log and
        /// the metrics are written at its end.
        case stream(ResponseStream)
    }

    /// Status and header fields.
    ///
    /// `Content-Length` among them is the length of the body of a `GET`; a stream has none.
    public var head: HTTPResponse
    /// The body.
    public var content: Content

    /// The body, if it is no stream.
    var body: [UInt8] {
        if case .bytes(let bytes) = content { bytes } else { [] }
    }
}
