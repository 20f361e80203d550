import Components
import HTTPTypes
import Logging
import Testing

@testable import ComponentsHTTP

struct AccessLogTests {
    @Test func oneLineOfInfoForEachRequest() async throws {
        let log = CapturedLog()
        _ = await exchange(APIRequest(.get, "/api/v1/tool/demo/deploy/some-id?"), logger: log.logger)
        let line = try #require(log.lines.first)
        #expect(log.lines.count == 1)
        #expect(line.level == .info)
        #expect(line.message == "Request answered")
        #expect(line.metadata["method"] == "GET")
        #expect(line.metadata["route"] == "/api/v1/tool/{tool}/deploy/{deploy-id}")
        #expect(line.metadata["status"] == "200")
        #expect(line.metadata["tool"] == "demo")
        #expect(line.metadata["request-id"] != nil)
        #expect(Double(line.metadata["duration-ms"] ?? "") != nil)
        #expect(!line.metadata.values.contains { $0.contains("some-id") })
        let refused = CapturedLog()
        _ = await exchange(APIRequest(.get, "/api/v1/tool/demo/config?secret=1"), logger: refused.logger)
        #expect(refused.lines.count == 1)
        #expect(!refused.lines.contains { "\($0)".contains("secret") })
    }

    @Test func unknownPathsAndMethodsAreNotRepeated() async throws {
        let log = CapturedLog()
        _ = await exchange(
            APIRequest(try #require(HTTPRequest.Method("SECRET")), "/secret"), logger: log.logger)
        let line = try #require(log.lines.first)
        #expect(line.metadata["route"] == "none")
        #expect(line.metadata["method"] == "other")
        #expect(line.metadata["tool"] == nil)
    }

    @Test(arguments: [
        (ClusterFailure.failed(reason: "It forbids this."), Logger.Level.error),
        (.unavailable(reason: "It is away.", retryAfter: nil), .warning),
        (.timedOut(mayHaveHappened: false), .error),
    ])
    func failuresOfTheClusterAreLoggedWithTheirCause(_ failure: ClusterFailure, _ level: Logger.Level) async throws {
        let log = CapturedLog()
        let error = ComponentsError.cluster(failure, about: .service)
        let (response, _) = await exchange(
            APIRequest(.get, "/api/v1/tool/demo/config"), script: .failing(error), logger: log.logger)
        #expect(response.head.status.code >= 500)
        #expect(log.lines.count == 2)
        let line = try #require(log.lines.first { $0.level == level })
        #expect(line.message == "The request failed")
        #expect(line.metadata["cause"] == (try response.errors()).joined(separator: " "))
    }

    @Test func whatOthersStoredIsNoFailureOfTheService() async throws {
        let log = CapturedLog()
        let demo = DeploymentIdentity(id: "demo-deploy-20261122-101500-48213", tool: try ToolName(known: "demo"))
        let error = ComponentsError.cluster(
            .unreadable(reason: "spec.tool does not name this tool"), about: .deployment(demo))
        let (response, _) = await exchange(
            APIRequest(.get, "/api/v1/tool/demo/deploy/\(demo.id)"), script: .failing(error), logger: log.logger)
        #expect(response.head.status == .conflict)
        #expect(log.lines.map(\.level) == [.info])
        let message = try #require(try response.errors().first)
        #expect(message.contains("spec.tool does not name this tool. "))
        #expect(message.hasSuffix("DELETE /api/v1/tool/demo/deploy/\(demo.id)."))
    }

    @Test func subjectsAreNotLogged() async {
        let log = CapturedLog()
        let gateway = GatewayParameters(clientVerify: "SUCCESS", clientSubject: "CN=demo,O=hidden,OU=hidden")
        let (response, _) = await exchange(
            APIRequest(.get, "/api/v1/tool/demo/config", gateway: gateway), logger: log.logger)
        #expect(response.head.status == .unauthorized)
        #expect(!log.lines.isEmpty)
        #expect(!log.lines.contains { "\($0)".contains("hidden") })
    }
}
