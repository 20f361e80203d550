import Components
import HTTPTypes
import JSON
import OpenAPI
import Synchronization
import Testing

@testable import ComponentsHTTP

/// Requests that wait: how many may, and who is told.
struct WaitingTests {
    private final class Figures: ExchangeObserver {
        let waits = Atomic(0)
        let ended = Mutex<[ObservedExchange]>([])

        func exchangeBegan() {}
        func exchangeWaits() { waits.add(1, ordering: .relaxed) }
        func exchangeEnded(_ exchange: ObservedExchange) { ended.withLock { $0.append(exchange) } }
    }

    private let figures = Figures()
    private let wait = OpenAPIParameter(
        "wait", in: .query, isRequired: false, description: "How long.", schema: ["type": "string"])

    /// Serves `/tools/{tool}/stream`, a stream; `/tools/{tool}/state`, which waits when asked; and `/state`, the same for all.
    private func responder(
        maximumWaiting: Int, seen: @escaping @Sendable (AdmittedRequest) throws -> Void = { _ in }
    ) throws -> APIResponder {
        @Sendable func state(_ request: AdmittedRequest) throws -> Response {
            try seen(request)
            return Response(Envelope(data: [:]))
        }
        func row(_ path: PathTemplate, _ id: String, waits: Endpoint.Waits, _ handler: Endpoint.Handler) -> Endpoint {
            Endpoint(
                method: .get, path: path, id: id, tag: "t", summary: "It",
                parameters: (path.parameters.isEmpty ? [] : [.tool]) + [wait],
                successes: [Success(status: .ok, description: "It.")], waits: waits, handler: handler)
        }
        let family = Family(
            prefix: "", tags: [OpenAPIDocument.Tag(name: "t", description: "")], schemas: [],
            endpoints: [
                row(
                    "/tools/{tool}/stream", "stream", waits: .always,
                    .tool { _, _ in Response(stream: { write in try await write([1]) }, mediaType: "text/plain") }),
                row(
                    "/tools/{tool}/state", "state", waits: .whenAsked("wait"),
                    .tool { request, _ in try state(request) }),
                row("/state", "stateOfAll", waits: .whenAsked("wait"), .anybody { request in try state(request) }),
            ], errorResponse: ErrorResponse.init(native:prefix:))
        return APIResponder(
            table: try EndpointTable([family]), tokens: ScriptedTokens(), maximumWaiting: maximumWaiting,
            logger: .silent, observer: figures)
    }

    private func demo(_ path: String, _ method: HTTPRequest.Method = .get) -> APIRequest {
        APIRequest(method, "/tools/demo/\(path)")
    }

    private func stream(of response: APIResponse) throws -> ResponseStream {
        guard case .stream(let stream) = response.content else { throw CancellationError() }
        return stream
    }

    @Test func aToolHasATenthOfThePlaces() async throws {
        let responder = try responder(maximumWaiting: 30)
        var streams: [ResponseStream] = []
        for _ in 0..<3 { streams.append(try stream(of: await responder.respond(to: demo("stream")))) }
        let refused = await responder.respond(to: demo("stream"))
        #expect(refused.head.status == .tooManyRequests)
        #expect(refused.head.headerFields[.retryAfter] != nil)
        #expect(try refused.errors()[0].hasPrefix("3 requests of the tool demo wait or are streamed already"))
        // Those that do not wait are answered, and another tool's.
        #expect(await responder.respond(to: demo("state")).head.status == .ok)
        #expect(await responder.respond(to: demo("stream", .head)).head.status == .ok)
        let gateway = GatewayParameters(clientVerify: "SUCCESS", clientSubject: "CN=other,O=toolforge")
        let other = await responder.respond(to: APIRequest(.get, "/tools/other/stream", gateway: gateway))
        #expect(other.head.status == .ok)
        // The place is free when the stream has ended, however it does.
        try await streams[0]() { _ in }
        #expect(await responder.respond(to: demo("stream")).head.status == .ok)
        await #expect(throws: CancellationError.self) { try await streams[1]() { _ in throw CancellationError() } }
        #expect(await responder.respond(to: demo("stream")).head.status == .ok)
        #expect(await responder.respond(to: demo("stream")).head.status == .tooManyRequests)
    }

    @Test func allTogetherHaveNoMoreThanThereAre() throws {
        let places = WaitingPlaces(limit: 20)
        let tools = try (0..<10).map { try ToolName(known: "tool\($0)") }
        let taken = try (tools + tools).map { try places.take(for: $0) }
        #expect(places.count == 20)
        #expect(throws: RequestFault.tooManyWaiting(limit: 20, of: nil)) { try places.take(for: nil) }
        for place in taken { places.giveBack(place) }
        #expect(places.count == 0)
        _ = try (places.take(for: nil), places.take(for: nil))
        #expect(throws: RequestFault.tooManyWaiting(limit: 2, of: nil)) { try places.take(for: nil) }
    }

    @Test(arguments: [
        ("state", HTTPRequest.Method.get, false), ("state?wait=1", .get, true), ("state?wait=1", .head, false),
        ("stream", .get, true), ("stream", .head, false),
    ])
    func whoWaitsIsSaidOnce(_ path: String, _ method: HTTPRequest.Method, _ waits: Bool) async throws {
        let begun = Mutex(0)
        let mayWait = Mutex<[Bool]>([])
        var request = demo(path, method)
        request.beginWait = { begun.withLock { $0 += 1 } }
        let responder = try responder(maximumWaiting: 10) { request in mayWait.withLock { $0.append(request.mayWait) } }
        let response = await responder.respond(to: request)
        if case .stream(let stream) = response.content { try await stream { _ in } }
        #expect(begun.withLock { $0 } == (waits ? 1 : 0))
        #expect(figures.waits.load(ordering: .relaxed) == (waits ? 1 : 0))
        #expect(figures.ended.withLock { $0 }.map(\.hasWaited) == [waits])
        if path.hasPrefix("state") { #expect(mayWait.withLock { $0 } == [waits]) }
    }

    @Test func aHandlerThatFailsLeavesNoPlaceTaken() async throws {
        let responder = try responder(maximumWaiting: 1) { _ in throw ErrorResponse(.notFound, "There is none.") }
        for _ in 0..<3 {
            #expect(await responder.respond(to: APIRequest(.get, "/state?wait=1")).head.status == .notFound)
        }
    }

    @Test func theDocumentHasTheRefusalWhereItCanCome() {
        let endpoint = Endpoint(
            method: .get, path: "/a", id: "a", tag: "t", summary: "It",
            successes: [Success(status: .ok, description: "It.")], waits: .always,
            handler: .anybody { _ in Response(Envelope(data: nil)) })
        #expect(endpoint.errorStatuses.contains(429))
        #expect(EndpointTable.example.endpoints.allSatisfy { $0.errorStatuses.contains(429) == ($0.waits != .never) })
    }
}
