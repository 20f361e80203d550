import Components
import HTTPTypes
import JSON
import Logging
import Testing

@testable import ComponentsHTTP

struct AdmissionTests {
    private static let toolPaths: [(HTTPRequest.Method, String)] = [
        (.get, "/api/v1/tool/demo/config"), (.head, "/api/v1/tool/demo/config"), (.post, "/api/v1/tool/demo/config"),
        (.post, "/api/v1/tool/demo/deploy"), (.get, "/api/v1/tool/demo/deploy/d"),
        (.delete, "/api/v1/tool/demo/config"), (.get, "/api/v1/tool/demo/deploy"),
        (.get, "/api/v1/tool/demo/deploy/latest"),
        (.head, "/api/v1/tool/demo/deploy/d"), (.delete, "/api/v1/tool/demo/deploy/d"),
        (.put, "/api/v1/tool/demo/deploy/d/cancel"),
    ]

    private static let strangers: [GatewayParameters] = [
        GatewayParameters(),
        GatewayParameters(clientVerify: "NONE", clientSubject: ""),
        GatewayParameters(clientVerify: "SUCCESS", clientSubject: nil),
        GatewayParameters(clientVerify: "SUCCESS", clientSubject: ""),
        GatewayParameters(clientVerify: "FAILED:self-signed certificate", clientSubject: "CN=demo,O=toolforge"),
        GatewayParameters(clientVerify: "success", clientSubject: "CN=demo,O=toolforge"),
        GatewayParameters(clientVerify: "SUCCESS ", clientSubject: "CN=demo,O=toolforge"),
        GatewayParameters(clientVerify: nil, clientSubject: "CN=demo,O=toolforge"),
        GatewayParameters(clientVerify: "SUCCESS", clientSubject: "CN=demo,O=other"),
        GatewayParameters(clientVerify: "SUCCESS", clientSubject: "/O=toolforge/CN=demo"),
    ]

    @Test func optionsOfTheWholeServerAreTheMethodsOfItsPaths() async throws {
        let (response, calls) = await exchange(APIRequest(.options, "*", gateway: GatewayParameters()))
        #expect(response.head.status == .ok)
        #expect(response.head.headerFields[.allow] == "DELETE, GET, HEAD, POST, PUT")
        #expect(try response.json()["data"] == [:])
        #expect(try response.messages("info").first?.contains("/openapi.json") == true)
        #expect(calls.isEmpty)
        for (method, path) in [(HTTPRequest.Method.get, "*"), (.options, "**"), (.options, "/*"), (.options, "*?x=1")] {
            let (response, _) = await exchange(APIRequest(method, path))
            #expect(response.head.status == (path == "/*" ? .notFound : .badRequest))
        }
        let (overloaded, _) = await exchange(APIRequest(.options, "*", isOverloaded: true))
        #expect(overloaded.head.status == .serviceUnavailable)
    }

    @Test(arguments: strangers)
    func nothingIsCalledWithoutIdentity(_ gateway: GatewayParameters) async throws {
        for (method, path) in Self.toolPaths {
            let (response, calls) = await exchange(APIRequest(method, path, gateway: gateway))
            #expect(response.head.status == .unauthorized)
            #expect(calls.isEmpty)
            if method != .head { _ = try response.errors() }
        }
    }

    /// Longer, shorter, as long, and the organisation's own name.
    @Test(arguments: ["other", "demo2", "demo-x", "dem", "d", "dema", "emo", "toolforge", "tool-demo"])
    func nothingIsCalledForAnotherTool(_ other: String) async throws {
        let gateway = GatewayParameters(clientVerify: "SUCCESS", clientSubject: "CN=\(other),O=toolforge")
        for (method, path) in Self.toolPaths {
            let (response, calls) = await exchange(APIRequest(method, path, gateway: gateway))
            #expect(response.head.status == .forbidden)
            #expect(calls.isEmpty)
        }
    }

    @Test(arguments: ["cross-site", "same-site", "", "anything"])
    func pagesOfOtherSitesChangeNothing(_ site: String) async throws {
        for (method, path) in Self.toolPaths where ![.get, .head].contains(method) {
            let (response, calls) = await exchange(
                APIRequest(method, path, fields: [.secFetchSite: site, .contentType: "text/plain"]))
            #expect(response.head.status == .forbidden)
            #expect(calls.isEmpty)
            #expect(try response.errors().first?.contains("another site") == true)
        }
        for method in [HTTPRequest.Method.get, .head] {
            let (read, _) = await exchange(
                APIRequest(method, "/api/v1/tool/demo/config", fields: [.secFetchSite: site]))
            #expect(read.head.status == .ok)
        }
    }

    @Test(arguments: ["same-origin", "none"])
    func pageOfThisServiceMayStartDeployments(_ site: String) async {
        let (response, calls) = await exchange(
            APIRequest(.post, "/api/v1/tool/demo/deploy", fields: [.secFetchSite: site]))
        #expect(response.head.status == .created)
        #expect(calls.count == 1)
    }

    @Test func identityIsNeverReadFromFields() async throws {
        var fields: HTTPFields = [:]
        for name in [
            "SSL-Client-Verify", "SSL_CLIENT_VERIFY", "ssl-client-subject-dn", "SSL-Client-S-DN", "SSL_CLIENT_S_DN",
            "X-SSL-Client-S-DN", "x-toolforge-tool", "Proxy",
        ] {
            fields[try #require(HTTPField.Name(name))] =
                name.lowercased().contains("verify") ? "SUCCESS" : "CN=demo,O=toolforge"
        }
        for gateway in Self.strangers {
            let (response, calls) = await exchange(
                APIRequest(.get, "/api/v1/tool/demo/config", fields: fields, gateway: gateway))
            #expect(response.head.status == .unauthorized)
            #expect(calls.isEmpty)
        }
    }

    @Test func silentGatewayIsLogged() async throws {
        let log = CapturedLog()
        _ = await exchange(
            APIRequest(.get, "/api/v1/tool/demo/config", gateway: GatewayParameters()), logger: log.logger)
        let lines = log.lines.filter { $0.message == "The gateway sends no SSL_CLIENT_VERIFY" }
        #expect(lines.map(\.level) == [.error])
    }

    @Test func methodOverrideIsIgnored() async throws {
        let fields: HTTPFields = [try #require(HTTPField.Name("X-HTTP-Method-Override")): "POST"]
        let (_, calls) = await exchange(APIRequest(.get, "/api/v1/tool/demo/config", fields: fields))
        #expect(calls == [.config(try ToolName(known: "demo"))])
    }

    @Test(arguments: ["PUT", "PATCH", "OPTIONS", "TRACE", "CONNECT", "FOO", "PRI", "get", "QUERY"])
    func otherMethodsAreRefusedWithThoseThereAre(_ name: String) async throws {
        let method = try #require(HTTPRequest.Method(name))
        for (path, allow) in [
            ("/api/v1/tool/demo/config", "GET, HEAD, POST, DELETE"), ("/api/v1/tool/demo/deploy", "GET, HEAD, POST"),
            ("/api/v1/tool/demo/deploy/d", "GET, HEAD, DELETE"), ("/healthz", "GET, HEAD"), ("/readyz", "GET, HEAD"),
            ("/openapi.json", "GET, HEAD"), ("/api/v1/tool/demo/deploy/d/cancel", "PUT"),
        ] where !allow.split(separator: ", ").contains(name[...]) {
            let (response, calls) = await exchange(APIRequest(method, path))
            #expect(response.head.status == .methodNotAllowed)
            #expect(response.head.headerFields[.allow] == allow)
            #expect(calls.isEmpty)
            _ = try response.errors()
        }
    }

    /// The order of the checks: each request breaks the rule in its row and every rule below it.
    @Test(arguments: [
        ("GET", "//", true, 503), ("GET", "//", false, 400), ("FOO", "/nowhere", false, 404),
        ("FOO", "/api/v1/tool/UPPER/config", false, 404), ("FOO", "/api/v1/tool/demo/config", false, 405),
        ("POST", "/api/v1/tool/demo/config", false, 401),
    ])
    func checksHaveAnOrder(_ method: String, _ path: String, _ isOverloaded: Bool, _ status: Int) async throws {
        var request = APIRequest(
            try #require(HTTPRequest.Method(method)), path, gateway: GatewayParameters(), isOverloaded: isOverloaded)
        request.head.headerFields[.contentType] = "text/plain"
        request.body = .failure(.tooLarge(limit: 1))
        let (response, calls) = await exchange(request)
        #expect(response.head.status.code == status)
        #expect(calls.isEmpty)
    }

    @Test(arguments: [
        ("?dry_run=true", #""dry_run""#), ("?a=1&a=2", "twice"), ("?%zz", "%"), ("?x", "no query parameter"),
    ])
    func queryThatIsNotUnderstoodIsRefused(_ query: String, _ words: String) async throws {
        for (method, path) in Self.toolPaths + [(.get, "/healthz"), (.get, "/openapi.json")] {
            let (response, calls) = await exchange(APIRequest(method, path + query))
            #expect(response.head.status == .badRequest)
            #expect(calls.isEmpty)
            if method != .head { #expect(try response.errors()[0].contains(words)) }
        }
        let (stranger, _) = await exchange(
            APIRequest(.post, "/api/v1/tool/demo/deploy" + query, gateway: GatewayParameters()))
        #expect(stranger.head.status == .unauthorized)
    }

    @Test func emptyQueryIsNone() async {
        let (response, _) = await exchange(APIRequest(.get, "/api/v1/tool/demo/config?"))
        #expect(response.head.status == .ok)
    }

    @Test func knownQueryParametersAreNamedWhereAnotherIsRefused() {
        let fault = RequestFault.unknownQueryParameter("limt", known: ["limit", "status"])
        let message = ErrorResponse(fault).messages[0]
        #expect(message.contains(#"it has "limit", "status". Did you mean "limit"?"#))
    }

    @Test(arguments: [HTTPField.Name.ifMatch, .ifUnmodifiedSince, .ifNoneMatch])
    func conditionThatIsNotEvaluatedIsRefused(_ name: HTTPField.Name) async throws {
        let (write, calls) = await exchange(
            APIRequest(.post, "/api/v1/tool/demo/deploy", fields: [name: "\"1\""]))
        #expect(write.head.status == .badRequest)
        #expect(calls.isEmpty)
        #expect(try write.errors()[0].contains(name.rawName))
        let (read, _) = await exchange(
            APIRequest(.get, "/api/v1/tool/demo/deploy/d", fields: [name: "\"1\"", .ifModifiedSince: "x"]))
        #expect(read.head.status == (name == .ifNoneMatch ? .ok : .badRequest))
    }

    @Test func conditionsThatAreEvaluatedAreNamedWhereAnotherIsRefused() async throws {
        let (response, _) = await exchange(
            APIRequest(.post, "/api/v1/tool/demo/config", fields: [.ifUnmodifiedSince: "x"], body: "{}"))
        #expect(response.head.status == .badRequest)
        #expect(try response.errors()[0].contains("It evaluates If-Match and If-None-Match."))
    }

    @Test func fieldWithAnXBeforeItsNameGetsAWarning() async throws {
        let field = try #require(HTTPField.Name("X-Idempotency-Key"))
        let (response, calls) = await exchange(
            APIRequest(.post, "/api/v1/tool/demo/deploy", fields: [field: "a"]))
        #expect(response.head.status == .created)
        #expect(calls == [.deploy(try ToolName(known: "demo"))])
        #expect(
            try response.messages("warning") == ["X-Idempotency-Key has no effect: the field is Idempotency-Key."])
    }

    @Test func anotherToolIsRefusedBeforeTheBodyIsLookedAt() async {
        var request = APIRequest(.post, "/api/v1/tool/other/config")
        request.body = .failure(.timedOut)
        let (response, _) = await exchange(request)
        #expect(response.head.status == .forbidden)
    }

    @Test func overloadIsAnsweredAtOnceButHealth() async throws {
        for path in ["/api/v1/tool/demo/config", "/readyz", "/openapi.json", "/nowhere"] {
            let (response, calls) = await exchange(APIRequest(.get, path, isOverloaded: true))
            #expect(response.head.status == .serviceUnavailable)
            #expect(response.head.headerFields[.retryAfter] == "1")
            #expect(calls.isEmpty)
            _ = try response.errors()
        }
        let (health, _) = await exchange(APIRequest(.get, "/healthz", isOverloaded: true))
        #expect(health.head.status == .ok)
    }
}
