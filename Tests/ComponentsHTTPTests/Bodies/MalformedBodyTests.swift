import HTTPTypes
import Testing

@testable import ComponentsHTTP

struct MalformedBodyTests {
    @Test(arguments: [
        ("application/json", "{\"a\": 1,\n \"a\": 2}", "line 2, column 2"),
        ("application/json", "", "line 1, column 1"),
        ("application/json", "{\"a\": 1e400}", "line 1, column 7"),
        ("application/yaml", "a: 1\nb: *x\n", "line 2, column 4"),
        ("application/yaml", "", "line 1, column 1"), ("text/yaml", "a: 1\n---\nb: 1", "line 2, column 1"),
    ])
    func saysWhereAndWhy(_ type: String, _ body: String, _ place: String) async throws {
        let (response, calls) = await exchange(
            APIRequest(.post, "/api/v1/tool/demo/config", fields: [.contentType: type], body: body))
        #expect(response.head.status == .badRequest)
        #expect(calls.isEmpty)
        #expect(try response.errors().first?.contains(place) == true)
    }

    @Test func yamlWithoutAContentTypeIsToldWhatToSay() async throws {
        let (response, _) = await exchange(
            APIRequest(.post, "/api/v1/tool/demo/config", body: "components:\n  web: {}\n"))
        #expect(response.head.status == .badRequest)
        #expect(try response.errors().first?.contains("application/yaml") == true)
    }
}
