import Components
import HTTPTypes
import JSON
import Testing
import YAML

@testable import ComponentsHTTP

struct YAMLResponseTests {
    private let paths = ["/api/v1/tool/demo/config", "/api/v1/tool/demo/deploy/d"]

    @Test func sameEnvelopeInEitherFormat() async throws {
        for path in paths {
            let (json, _) = await exchange(APIRequest(.get, path))
            let (yaml, _) = await exchange(APIRequest(.get, path, fields: [.accept: "text/yaml"]))
            #expect(yaml.head.status == .ok)
            #expect(yaml.head.headerFields[.contentType] == "application/yaml")
            #expect(yaml.head.headerFields[.contentLength] == String(yaml.body.count))
            #expect(try JSONValue(parsingYAML: yaml.body) == json.json())
        }
    }

    @Test func errorsOfTheseRoutesAreYAMLToo() async throws {
        let tool = try ToolName(known: "demo")
        for path in paths {
            let fields: HTTPFields = [.accept: "application/yaml"]
            let (missing, _) = await exchange(
                APIRequest(.get, path, fields: fields), script: .failing(.configMissing(tool)))
            let (stranger, _) = await exchange(APIRequest(.get, path, fields: fields, gateway: GatewayParameters()))
            for (response, status) in [(missing, HTTPResponse.Status.notFound), (stranger, .unauthorized)] {
                #expect(response.head.status == status)
                #expect(response.head.headerFields[.contentType] == "application/yaml")
                let value = try JSONValue(parsingYAML: response.body)
                #expect(value["data"] == nil)
                #expect(value["messages"]?["error"]?.arrayValue?.count == 1)
            }
        }
    }

    @Test func everythingElseIsJSON() async throws {
        for (method, path) in [
            (HTTPRequest.Method.post, "/api/v1/tool/demo/config"), (.post, "/api/v1/tool/demo/deploy"),
            (.get, "/healthz"),
            (.get, "/readyz"), (.get, "/openapi.json"), (.put, "/api/v1/tool/demo/config"), (.get, "/nowhere"),
        ] {
            let (response, _) = await exchange(
                APIRequest(method, path, fields: [.accept: "application/yaml"], body: ""))
            #expect(response.head.headerFields[.contentType] == "application/json")
            _ = try response.json()
        }
    }
}
