import HTTPTypes
import Logging
import OpenAPI
import Synchronization
import Testing

@testable import ComponentsHTTP

/// Responses whose bodies are written piece by piece: when they end, and what is known of it then.
struct StreamedResponseTests {
    private struct Failure: Error {}

    private final class RecordingObserver: ExchangeObserver {
        let ended = Mutex<[ObservedExchange]>([])

        func exchangeBegan() {}
        func exchangeWaits() {}
        func exchangeEnded(_ exchange: ObservedExchange) { ended.withLock { $0.append(exchange) } }
    }

    private let log = CapturedLog()
    private let observer = RecordingObserver()

    private func respond(
        _ method: HTTPRequest.Method = .get, _ stream: @escaping ResponseStream
    ) async throws -> APIResponse {
        let endpoint = Endpoint(
            method: .get, path: "/stream", id: "stream", tag: "t", summary: "It",
            successes: [Success(status: .ok, description: "It.")],
            handler: .anybody { _ in Response(stream: stream, mediaType: "text/plain") })
        let family = Family(
            prefix: "", tags: [OpenAPIDocument.Tag(name: "t", description: "")], schemas: [], endpoints: [endpoint],
            errorResponse: ErrorResponse.init(native:prefix:))
        let responder = APIResponder(
            table: try EndpointTable([family]), tokens: ScriptedTokens(), logger: log.logger, observer: observer)
        return await responder.respond(to: APIRequest(method, "/stream"))
    }

    private func stream(of response: APIResponse) throws -> ResponseStream {
        guard case .stream(let stream) = response.content else { throw Failure() }
        return stream
    }

    private var ended: [ObservedExchange] { observer.ended.withLock { $0 } }

    @Test func aStreamHasNoLengthAndIsNotBuffered() async throws {
        let response = try await respond { _ in }
        #expect(response.head.status == .ok)
        #expect(response.head.headerFields[.contentType] == "text/plain")
        #expect(response.head.headerFields[.contentLength] == nil)
        #expect(response.head.headerFields[.accelBuffering] == "no")
    }

    @Test func theLogAndTheMetricsAreWrittenAtTheEndOfAStream() async throws {
        let response = try await respond { write in
            try await write([1])
            try await write([2])
        }
        #expect(log.lines.isEmpty)
        #expect(ended.isEmpty)
        var pieces: [[UInt8]] = []
        try await stream(of: response)() { pieces.append($0) }
        #expect(pieces == [[1], [2]])
        #expect(log.lines.map { $0.metadata["stream"] } == ["complete"])
        #expect(ended.map(\.route) == ["/stream"])
    }

    @Test func aStreamThatFailsIsReportedAsBrokenOffAndFailsForWhoSendsIt() async throws {
        let response = try await respond { write in
            try await write([1])
            throw Failure()
        }
        await #expect(throws: Failure.self) { try await stream(of: response)() { _ in } }
        #expect(log.lines.map { $0.metadata["stream"] } == ["broken off"])
        #expect(ended.count == 1)
    }

    @Test func aStreamEndsWhenItsClientIsGone() async throws {
        let response = try await respond { write in while true { try await write([1]) } }
        await #expect(throws: CancellationError.self) {
            try await stream(of: response)() { _ in throw CancellationError() }
        }
        #expect(log.lines.map { $0.metadata["stream"] } == ["broken off"])
        #expect(ended.count == 1)
    }

    @Test func theResponseToAHeadIsOverAtOnce() async throws {
        let response = try await respond(.head) { _ in throw Failure() }
        #expect(response.body.isEmpty)
        #expect(response.head.headerFields[.contentType] == "text/plain")
        #expect(log.lines.count == 1)
        #expect(log.lines.first?.metadata["stream"] == nil)
        #expect(ended.count == 1)
    }
}
