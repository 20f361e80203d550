import Components
import HTTPTypes
import Logging
import Synchronization
import Testing

@testable import ComponentsHTTP

struct MetricsTests {
    /// Remembers what it was told, and counts what is in flight.
    private final class RecordingObserver: ExchangeObserver {
        let ended = Mutex<[ObservedExchange]>([])
        let inFlight = Atomic(0)

        func exchangeBegan() { inFlight.add(1, ordering: .relaxed) }
        func exchangeWaits() {}
        func exchangeEnded(_ exchange: ObservedExchange) {
            inFlight.subtract(1, ordering: .relaxed)
            ended.withLock { $0.append(exchange) }
        }
    }

    private func observed(
        _ request: APIRequest, script: RecordingOperations.Script = .init()
    ) async throws -> ObservedExchange {
        let observer = RecordingObserver()
        let responder = APIResponder(
            table: .serving(RecordingOperations(script)), tokens: ScriptedTokens(), logger: .silent, observer: observer)
        _ = await responder.respond(to: request)
        #expect(observer.inFlight.load(ordering: .relaxed) == 0)
        let ended = observer.ended.withLock { $0 }
        #expect(ended.count == 1)
        return try #require(ended.first)
    }

    @Test(arguments: [HTTPRequest.Method.get, .head])
    func theFiguresAreAnsweredAsTheyAreWithoutAnIdentity(_ method: HTTPRequest.Method) async {
        let responder = APIResponder(
            table: .serving(RecordingOperations()) {
                MetricsDocument(Array("up 1\n".utf8), mediaType: "text/plain; version=0.0.4")
            }, tokens: ScriptedTokens(), logger: .silent)
        let request = APIRequest(method, "/metrics", gateway: GatewayParameters(), isOverloaded: true)
        let response = await responder.respond(to: request)
        #expect(response.head.status == .ok)
        #expect(response.head.headerFields[.contentType] == "text/plain; version=0.0.4")
        #expect(response.head.headerFields[.contentLength] == "5")
        #expect(response.body == (method == .head ? [] : Array("up 1\n".utf8)))
    }

    @Test func theFiguresAreOnlyRead() async {
        let (response, _) = await exchange(APIRequest(.post, "/metrics"))
        #expect(response.head.status == .methodNotAllowed)
    }

    @Test(arguments: [
        ("GET", "/api/v1/tool/demo/deploy/an-id?x=1", "GET", "/api/v1/tool/{tool}/deploy/{deploy-id}", 400),
        ("POST", "/api/v1/tool/demo/deploy", "POST", "/api/v1/tool/{tool}/deploy", 201),
        ("GET", "/api/v1/tool/other/config", "GET", "/api/v1/tool/{tool}/config", 403),
        ("SECRET", "/secret", "other", "none", 404), ("get", "/healthz", "other", "/healthz", 405),
        ("TRACE", "/api/v1/tool/demo/config", "other", "/api/v1/tool/{tool}/config", 405),
        ("GET", "/api/v1/tool/UPPER/config", "GET", "none", 404), ("GET", "//", "GET", "none", 400),
        ("HEAD", "/metrics", "HEAD", "/metrics", 200),
    ])
    func everyExchangeIsToldInWordsThatNoClientInvents(
        _ method: String, _ path: String, _ label: String, _ route: String, _ status: Int
    ) async throws {
        let request = APIRequest(try #require(HTTPRequest.Method(method)), path)
        let exchange = try await observed(request)
        #expect(exchange.method == label)
        #expect(exchange.route == route)
        #expect(exchange.status == status)
        #expect(exchange.duration > .zero)
    }

    @Test func failuresAndOverloadAreToldToo() async throws {
        let failing = try await observed(
            APIRequest(.get, "/readyz"),
            script: .failing(.cluster(.unavailable(reason: "It is away.", retryAfter: nil), about: .service)))
        #expect(failing.status == 503)
        let refused = try await observed(APIRequest(.get, "/api/v1/tool/demo/config", isOverloaded: true))
        #expect(refused.status == 503)
        #expect(refused.route == "/api/v1/tool/{tool}/config")
    }

    @Test func theLogNamesADeploymentOnlyIfItExists() async throws {
        for (script, expected) in [
            (RecordingOperations.Script(), Deployment.example.id),
            (.failing(.deploymentMissing(try ToolName(known: "demo"), id: "an-id")), nil),
        ] {
            let log = CapturedLog()
            _ = await exchange(
                APIRequest(.get, "/api/v1/tool/demo/deploy/an-id"), script: script, logger: log.logger)
            #expect(log.lines.count == 1)
            #expect(log.lines.first?.metadata["deployment"] == expected)
        }
    }
}
