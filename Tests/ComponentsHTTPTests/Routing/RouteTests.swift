import Components
import HTTPTypes
import Testing

@testable import ComponentsHTTP

struct RouteTests {
    private func route(_ target: String) throws(RequestFault) -> Route { try Route(try RequestPath(target: target)) }

    @Test func pathsStandForRoutes() throws {
        let tool = try ToolName(known: "demo")
        #expect(try route("/api/v1/tool/demo/config") == .config(tool))
        #expect(try route("/api/v1/tool/demo/deploy") == .deployments(tool))
        #expect(try route("/api/v1/tool/demo/deploy/any%20id") == .deployment(tool, id: "any id"))
        #expect(try route("/api/v1/tool/%64emo/config") == .config(tool))
        #expect(try route("/openapi.json") == .openAPI)
        #expect(try route("/docs") == .documentation)
        #expect(try route("/healthz") == .health)
        #expect(try route("/readyz") == .readiness)
    }

    @Test(arguments: [
        "/", "/api", "/api/v1", "/api/v1/tool", "/api/v1/tool/demo", "/api/v1/tool/demo/other",
        "/api/v1/tool/demo/config/x",
        "/api/v1/tool/demo/deploy/d/x", "/api/v2/tool/demo/config", "/API/v1/tool/demo/config",
        "/api/v1/tool/demo/Config",
        "/v1/tool/demo/config", "/healthz/x", "/docs/x", "/openapi.yaml", "/components/api/v1/tool/demo/config",
        "/favicon.ico",
        "/api/v1/tool/UPPER/other",
    ])
    func otherPathsAreUnknown(_ target: String) {
        #expect(throws: RequestFault.unknownPath) { try route(target) }
    }

    @Test(arguments: [
        "UPPER", "1a", "a-", "-a", "a_b", "a.b", "%C3%A9", "a%20b", String(repeating: "a", count: 59), "a%3Ab",
    ])
    func namesThatNoToolCanHaveAreSaidToBe(_ name: String) throws {
        for rest in ["config", "deploy", "deploy/d"] {
            do throws(RequestFault) {
                _ = try route("/api/v1/tool/\(name)/\(rest)")
                Issue.record("\(name) was taken")
            } catch {
                guard case .invalidToolName = error else {
                    Issue.record("\(error)")
                    continue
                }
                let answer = ErrorAnswer(error)
                #expect(answer.status == .notFound)
                #expect(answer.messages.first?.contains("begins with a letter") == true)
            }
        }
    }

    @Test func prefixesStandBeforePaths() throws {
        let tool = try ToolName(known: "demo")
        for good in ["", "/components", "/a/b-c_d.e~f"] {
            let prefix = try #require(URLPrefix(good))
            #expect(prefix.deployment("d/é", of: tool) == good + "/api/v1/tool/demo/deploy/d%2F%C3%A9")
        }
        for bad in ["/", "a", "/a/", "//a", "/a//b", "/a b", "/a?b", "/%61", "/é", "/.", "/a/..", "/a\n", "https://x"] {
            #expect(URLPrefix(bad) == nil)
        }
    }
}
