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

    @Test(arguments: [
        (
            "application/json", "components:\n  web: {}\n",
            "It looks like YAML: send it with Content-Type: application/yaml"
        ),
        ("application/json", "# my tool\n\n---\ncomponents: {}\n", "It looks like YAML"),
        ("application/json", "- name: web\n", "It looks like YAML"),
        ("application/yaml", "components:  web:    build: x", "curl --data-binary @FILE"),
        (
            "application/yaml", "# my toolcomponents:  web: {}",
            "so all of it is a comment. It has no line ends, which curl -d removes: send a file with curl --data-binary @FILE."
        ),
        ("application/x-www-form-urlencoded", "components:  web: {}", "curl --data-binary @FILE"),
        ("application/yaml", "schedule: @daily\n", "a value cannot begin with '@': put it in quotes"),
    ])
    func saysWhatToDo(_ type: String, _ body: String, _ words: String) async throws {
        let (response, calls) = await exchange(
            APIRequest(.post, "/api/v1/tool/demo/config", fields: [.contentType: type], body: body))
        #expect([400, 415].contains(response.head.status.code))
        #expect(calls.isEmpty)
        let error = try #require(try response.errors().first)
        #expect(error.contains(words), "\(error)")
    }

    @Test(arguments: [
        ("application/json", "{\"a\": oops}"), ("application/json", "oops"), ("application/json", "[\n"),
        ("application/json", " # a\n \t\n"),
        ("application/yaml", "a: [\n"), ("application/yaml", "{a: 1, b: 2, c"), ("application/yaml", "@"),
        ("text/plain", "a: 1"),
    ])
    func givesNoHintWhereNoneIsSure(_ type: String, _ body: String) async throws {
        let (response, _) = await exchange(
            APIRequest(.post, "/api/v1/tool/demo/config", fields: [.contentType: type], body: body))
        let error = try #require(try response.errors().first)
        #expect(!error.contains("curl") && !error.contains("looks like"), "\(error)")
    }

    @Test func aCompressedBodyIsNotRead() async throws {
        for coding in ["gzip", "br", "x"] {
            let (response, calls) = await exchange(
                APIRequest(.post, "/api/v1/tool/demo/config", fields: [.contentEncoding: coding], body: "{}"))
            #expect(response.head.status == .unsupportedMediaType)
            #expect(response.head.headerFields[.acceptEncoding] == "identity")
            #expect(calls.isEmpty)
            #expect(try response.errors().first?.contains("uncompressed") == true)
        }
        let (response, _) = await exchange(
            APIRequest(.post, "/api/v1/tool/demo/config", fields: [.contentEncoding: "Identity"], body: "{}"))
        #expect(response.head.status != .unsupportedMediaType)
    }

    @Test func whiteSpaceIsNoBody() async throws {
        for body in [" ", "\r\n", "\t \n"] {
            let (response, _) = await exchange(APIRequest(.post, "/api/v1/tool/demo/deploy", body: body))
            #expect(response.head.status == .created)
        }
    }
}
