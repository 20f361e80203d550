import Components
import HTTPTypes
import JSON
import Logging
import Testing

@testable import ComponentsHTTP

struct EndpointResponseTests {
    private let demo = "/api/v1/tool/demo"

    @Test func getConfigAnswersTheStoredConfig() async throws {
        let config: JSONValue = ["components": ["web": ["build": ["repository": "https://example.org/a"]]], "x": nil]
        let (response, calls) = await exchange(
            APIRequest(.get, "\(demo)/config"), script: .init(config: .success(config)))
        #expect(response.head.status == .ok)
        #expect(try response.json() == ["data": config, "messages": ["info": [], "warning": [], "error": []]])
        #expect(calls == [.config(try ToolName(known: "demo"))])
    }

    @Test func postConfigStoresTheDocumentAsGiven() async throws {
        let body = #"{"z": 1.0, "a": {"é": null}, "n": 9007199254740993}"#
        let (response, calls) = await exchange(
            APIRequest(.post, "\(demo)/config", body: body), script: .init(warnings: ["z: not known"]))
        #expect(response.head.status == .ok)
        let sent = try JSONValue(parsing: Array(body.utf8))
        #expect(calls == [.store(sent, try ToolName(known: "demo"))])
        #expect(try response.json()["data"] == sent)
        #expect(try response.messages("info") == ["The config of the tool demo is stored."])
        #expect(try response.messages("warning") == ["z: not known"])
        #expect(try response.messages("error") == [])
    }

    @Test(arguments: ["application/yaml", "text/yaml", "application/x-yaml; charset=UTF-8"])
    func postConfigReadsYAML(_ type: String) async throws {
        let (response, calls) = await exchange(
            APIRequest(.post, "\(demo)/config", fields: [.contentType: type], body: "a: 012\nb: yes\n"))
        #expect(response.head.status == .ok)
        #expect(calls == [.store(["a": 12, "b": "yes"], try ToolName(known: "demo"))])
    }

    @Test(arguments: ["", "{}", " { } \n"])
    func postDeployStartsADeployment(_ body: String) async throws {
        let (response, calls) = await exchange(
            APIRequest(.post, "\(demo)/deploy", body: body), script: .init(deployWarnings: ["mind this"]))
        #expect(response.head.status == .created)
        #expect(calls == [.deploy(try ToolName(known: "demo"))])
        let location = try #require(response.head.headerFields[.location])
        #expect(location == "/api/v1/tool/demo/deploy/demo-deploy-20261122-101500-48213")
        #expect(try response.messages("info").first?.contains(location) == true)
        #expect(try response.messages("warning") == ["mind this"])
        #expect(try response.json()["data"]?["builds"]?.objectValue?.keys == ["api", "web"])
    }

    @Test func postDeployTakesAnEmptyBodyOfAnyType() async {
        let type = "application/x-www-form-urlencoded"
        let (response, _) = await exchange(APIRequest(.post, "\(demo)/deploy", fields: [.contentType: type]))
        #expect(response.head.status == .created)
    }

    @Test(arguments: [
        ("[]", "application/json", 422), (#"{"a":1}"#, "application/json", 422), ("null", "application/json", 201),
        ("{", "application/json", 400), ("  ", "application/json", 201), ("{}", "application/yaml", 201),
        ("{}", "text/plain", 415), ("a: 1", "application/yaml", 422), ("a: *b", "application/yaml", 400),
        (#"{"overlap":"reject"}"#, "application/json", 201), ("overlap: never", "application/yaml", 422),
        ("overlap: null", "application/yaml", 422), ("description: 1", "application/yaml", 422),
    ])
    func postDeployTakesOnlyOptionsThatItKnows(_ body: String, _ type: String, _ status: Int) async {
        let (response, calls) = await exchange(
            APIRequest(.post, "\(demo)/deploy", fields: [.contentType: type], body: body))
        #expect(response.head.status.code == status)
        #expect(calls.isEmpty == (status != 201))
    }

    @Test func optionsAreHandedOn() async throws {
        let body = #"{"overlap": "supersede", "description": "the new one"}"#
        let (_, calls) = await exchange(APIRequest(.post, "\(demo)/deploy", body: body))
        let options = DeploymentOptions(overlap: .supersede, description: "the new one")
        #expect(calls == [.deploy(try ToolName(known: "demo"), DeploymentOrder(options: options))])
    }

    @Test(arguments: [
        (#"{"overlp": "allow"}"#, "Did you mean overlap?"), (#"{"overlap": "rejects"}"#, "did you mean reject?"),
        (#"{"a": 1}"#, "overlap, description, skip-unchanged, force-build, components, ref, refs, from"),
        (#"{"reff": "main"}"#, "Did you mean ref?"),
    ])
    func anUnknownOptionIsNamed(_ body: String, _ hint: String) async throws {
        let (response, _) = await exchange(APIRequest(.post, "\(demo)/deploy", body: body))
        #expect(response.head.status == .unprocessableContent)
        #expect(try response.errors().first?.contains(hint) == true)
    }

    @Test func nothingIsSaidToHaveStartedThatHasNot() async throws {
        var deployment = Deployment.example
        deployment.builds[0] = Build(
            component: "api", id: "b", phase: .pending, reason: .quotaFull, message: "no room", isCreated: false)
        let (response, _) = await exchange(
            APIRequest(.post, "\(demo)/deploy"), script: .init(deployment: .success(deployment)))
        #expect(response.head.status == .created)
        let info = try #require(try response.messages("info").first)
        #expect(!info.contains("has started"))
        #expect(info.contains("1 of its 2 builds"))
        #expect(try response.messages("warning").first?.contains("api has not started (QuotaFull): no room") == true)
    }

    @Test(arguments: ["demo-deploy-20261122-101500-48213", "latest"])
    func aDeploymentIsCancelled(_ id: String) async throws {
        let (response, calls) = await exchange(APIRequest(.put, "\(demo)/deploy/\(id)/cancel"))
        #expect(response.head.status == .ok)
        #expect(calls.last == .cancel(Deployment.example.id, try ToolName(known: "demo")))
        #expect(try response.messages("info").first?.contains("is being cancelled") == true)
    }

    @Test func whatHasEndedIsNotCancelled() async throws {
        var deployment = Deployment.example
        deployment.phase = .timedOut
        deployment.reason = .deploymentTimedOut
        let (response, _) = await exchange(
            APIRequest(.put, "\(demo)/deploy/\(deployment.id)/cancel"), script: .failing(.deploymentEnded(deployment)))
        #expect(response.head.status == .conflict)
        #expect(try response.errors().first?.contains("has ended as error (DeploymentTimedOut)") == true)
    }

    @Test func aDeploymentIsRemovedByItsIDAlone() async throws {
        let (response, calls) = await exchange(APIRequest(.delete, "\(demo)/deploy/\(Deployment.example.id)"))
        #expect(response.head.status == .ok)
        #expect(calls == [.removeDeployment(Deployment.example.id, try ToolName(known: "demo"))])
        let (refused, none) = await exchange(APIRequest(.delete, "\(demo)/deploy/latest"))
        #expect(refused.head.status == .badRequest)
        #expect(none.isEmpty)
    }

    @Test func getDeploymentAnswersInTheSeedsWords() async throws {
        let (response, calls) = await exchange(APIRequest(.get, "\(demo)/deploy/demo-deploy-20261122-101500-48213"))
        #expect(response.head.status == .ok)
        #expect(calls == [.deployment("demo-deploy-20261122-101500-48213", try ToolName(known: "demo"))])
        #expect(
            try response.json()["data"] == [
                "deploy-id": "demo-deploy-20261122-101500-48213", "creation-time": "2026-11-22 10:15:00",
                "status": "running",
                "builds": [
                    "api": ["build-id": "demo-buildpacks-pipelinerun-a", "status": "finished", "message": "All done"],
                    "web": [
                        "build-id": "demo-buildpacks-pipelinerun-b", "status": "running",
                        "message": "Tasks Completed: 0",
                    ],
                ],
            ])
    }

    @Test func deletedConfigIsReturned() async throws {
        let (response, calls) = await exchange(APIRequest(.delete, "\(demo)/config", fields: [.ifMatch: "\"7\""]))
        #expect(response.head.status == .ok)
        #expect(calls == [.remove(try ToolName(known: "demo"), ConfigPrecondition(match: .listed(["7"])))])
        #expect(try response.json()["data"] == ["components": [:]])
        #expect(response.head.headerFields[.eTag] == nil)
    }

    @Test func configThatWasChangedIsNotDeleted() async throws {
        let changed = ComponentsError.preconditionFailed(try ToolName(known: "demo"), .changed)
        let (response, _) = await exchange(
            APIRequest(.delete, "\(demo)/config", fields: [.ifMatch: "\"7\""]), script: .failing(changed))
        #expect(response.head.status == .preconditionFailed)
        #expect(try response.errors()[0].contains("is not removed"))
        let (refused, calls) = await exchange(APIRequest(.delete, "\(demo)/config", fields: [.ifNoneMatch: "*"]))
        #expect(refused.head.status == .badRequest)
        #expect(calls.isEmpty)
    }

    @Test func deploymentsAreListedInTheSeedsWords() async throws {
        let (response, calls) = await exchange(APIRequest(.get, "\(demo)/deploy"))
        #expect(response.head.status == .ok)
        #expect(calls == [.deployments(try ToolName(known: "demo"))])
        let list = try #require(try response.json()["data"]?["deployments"]?.arrayValue)
        #expect(list.count == 2)
        #expect(list[0]["deploy-id"] == "demo-deploy-20261122-101500-48213")
        #expect(list[0]["status"] == "running")
        #expect(list[1] == ["deploy-id": "odd", "status": "unreadable"])
    }

    @Test(arguments: [
        ("limit=1", ["running"]), ("limit=1000", ["running", "unreadable"]), ("status=running", ["running"]),
        ("status=unreadable&limit=1", ["unreadable"]), ("status=error", []),
    ])
    func listIsCutAndFiltered(_ query: String, _ statuses: [String]) async throws {
        let (response, _) = await exchange(APIRequest(.get, "\(demo)/deploy?\(query)"))
        let list = try #require(try response.json()["data"]?["deployments"]?.arrayValue)
        #expect(list.compactMap { $0["status"]?.stringValue } == statuses)
    }

    @Test(arguments: ["limit=0", "limit=1001", "limit=x", "limit=", "limit=%2B1", "status=done", "status=", "limt=1"])
    func listIsNotCutByWhatIsNotUnderstood(_ query: String) async throws {
        let (response, calls) = await exchange(APIRequest(.get, "\(demo)/deploy?\(query)"))
        #expect(response.head.status == .badRequest)
        #expect(calls.isEmpty)
        let name = try #require(query.split(separator: "=").first)
        #expect(try response.errors()[0].contains(name))
    }

    @Test func latestIsADeployment() async throws {
        let (response, calls) = await exchange(APIRequest(.get, "\(demo)/deploy/latest"))
        #expect(response.head.status == .ok)
        let tool = try ToolName(known: "demo")
        #expect(calls == [.latestDeploymentID(tool), .deployment(Deployment.example.id, tool)])
        #expect(try response.json()["data"]?["deploy-id"] == "demo-deploy-20261122-101500-48213")
    }

    @Test func healthAsksNobody() async throws {
        let (response, calls) = await exchange(APIRequest(.get, "/healthz", gateway: GatewayParameters()))
        #expect(response.head.status == .ok)
        #expect(calls.isEmpty)
        #expect(try response.json()["data"] == ["status": "alive"])
    }

    @Test func readinessAsksTheCluster() async throws {
        let request = APIRequest(.get, "/readyz", gateway: GatewayParameters())
        let (ready, calls) = await exchange(request)
        #expect(ready.head.status == .ok)
        #expect(calls == [.checkReadiness])
        let (late, _) = await exchange(request, script: .init(readinessWarnings: ["Deployments end late."]))
        #expect(late.head.status == .ok)
        #expect(try late.json()["messages"]?["warning"] == ["Deployments end late."])
        let (away, _) = await exchange(
            request,
            script: .failing(
                .cluster(.unavailable(reason: "It refuses connections.", retryAfter: nil), about: .service)))
        #expect(away.head.status == .serviceUnavailable)
        #expect(try away.errors().first?.contains("It refuses connections.") == true)
    }

    @Test func openAPIDocumentIsNotWrappedAndNeedsNoIdentity() async throws {
        let (response, calls) = await exchange(APIRequest(.get, "/openapi.json", gateway: GatewayParameters()))
        #expect(response.head.status == .ok)
        #expect(calls.isEmpty)
        #expect(try response.json()["openapi"] == "3.1.0")
        #expect(try response.json()["messages"] == nil)
    }

    @Test(arguments: ["/api/v1/tool/demo/config", "/api/v1/tool/demo/deploy/d", "/healthz", "/readyz", "/openapi.json"])
    func headAnswersTheFieldsOfGetWithoutTheBody(_ path: String) async {
        for accept in ["application/json", "application/yaml"] {
            let fields: HTTPFields = [.accept: accept, .requestID: "fixed"]
            let get = await exchange(APIRequest(.get, path, fields: fields))
            let head = await exchange(APIRequest(.head, path, fields: fields))
            #expect(head.response.head == get.response.head)
            #expect(head.response.body.isEmpty)
            #expect(!get.response.body.isEmpty)
            #expect(get.response.head.headerFields[.contentLength] == String(get.response.body.count))
            #expect(head.calls == get.calls)
        }
    }

    @Test func locationHasTheGatewaysPrefix() async throws {
        var gateway = GatewayParameters.demo
        gateway.prefix = "/components"
        let (response, _) = await exchange(APIRequest(.post, "\(demo)/deploy", gateway: gateway))
        #expect(
            response.head.headerFields[.location]
                == "/components/api/v1/tool/demo/deploy/demo-deploy-20261122-101500-48213")
    }

    @Test(arguments: ["components", "/a//b", "/a/", "//evil.example", "/a\r\nSet-Cookie: b", "/../x", "/a b", "/%61"])
    func prefixThatIsNoneIsIgnoredAndLogged(_ prefix: String) async throws {
        var gateway = GatewayParameters.demo
        gateway.prefix = prefix
        let log = CapturedLog()
        let (response, _) = await exchange(APIRequest(.post, "\(demo)/deploy", gateway: gateway), logger: log.logger)
        #expect(response.head.headerFields[.location]?.hasPrefix("/api/v1/") == true)
        #expect(log.lines.contains { $0.level == .warning && $0.message.contains("URL_PREFIX") })
    }
}
