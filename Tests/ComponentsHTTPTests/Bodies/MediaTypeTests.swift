import HTTPTypes
import Testing

@testable import ComponentsHTTP

struct MediaTypeTests {
    @Test(arguments: [
        ("application/json", "application/json", []), ("Text/YAML", "text/yaml", []), ("*/*", "*/*", []),
        (" application/json ; charset=utf-8", "application/json", ["charset=utf-8"]),
        ("a/b;C=\"x;y, \\\"z\"; d=e", "a/b", ["c=x;y, \"z", "d=e"]), ("a/b;", "a/b", []), ("a/b; ;c=d", "a/b", ["c=d"]),
        ("a/b;c=\"\"", "a/b", ["c="]),
    ])
    func readsTypesAndParameters(_ text: String, _ essence: String, _ parameters: [String]) throws {
        let type = try #require(MediaType(text))
        #expect(type.essence == essence)
        #expect(type.parameters.map { "\($0.name)=\($0.value)" } == parameters)
    }

    @Test(arguments: [
        "", "json", "a/", "/b", "a/b/c", "a b/c", "a/b;c", "a/b;c=", "a/b;=d", "a/b;c=d e", "a/b;c=\"d", "a/b;c=d\"",
        "a/é", "a/b;c=\"a\"b\"", "a/b;c=\"d\\\"",
    ])
    func refusesWhatIsNoType(_ text: String) {
        #expect(MediaType(text) == nil)
    }

    @Test(arguments: [
        (nil, BodyFormat.json), ("", .json), ("application/json", .json), ("APPLICATION/JSON", .json),
        ("application/json; charset=utf-8", .json),
        ("application/json;charset=\"UTF-8\"", .json), ("application/json; x=y", .json), ("application/yaml", .yaml),
        ("text/yaml; charset=utf8", .yaml),
        ("application/x-yaml", .yaml),
    ])
    func contentTypesHaveTheirFormat(_ type: String?, _ format: BodyFormat) throws {
        #expect(try BodyFormat(contentType: type) == format)
    }

    @Test(arguments: [
        "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
        "application/json; charset=latin1",
        "application/yaml; charset=utf-16", "json", "application/json, text/yaml", "*/*", "application/vnd.api+json",
        ";",
    ])
    func otherContentTypesAreRefused(_ type: String) async throws {
        for path in ["config", "deploy"] {
            let (response, calls) = await exchange(
                APIRequest(.post, "/api/v1/tool/demo/\(path)", fields: [.contentType: type], body: "{}"))
            #expect(response.head.status == .unsupportedMediaType)
            #expect(calls.isEmpty)
            #expect(try response.errors().contains { $0.contains("application/yaml") })
        }
    }

    @Test(arguments: [
        (nil, BodyFormat.json), ("", .json), ("*/*", .json), ("application/*", .json), ("application/yaml", .yaml),
        ("text/yaml", .yaml),
        ("application/x-yaml", .yaml), ("text/*", .yaml), ("Application/YAML", .yaml), ("application/yaml, */*", .json),
        ("application/yaml, */*;q=0.9", .yaml), ("application/yaml;q=0.5, application/json", .json),
        ("application/json;q=0.5, application/yaml", .yaml), ("application/yaml;q=0", .json),
        ("application/json;q=0, */*", .yaml),
        ("application/yaml;q=0, text/yaml;q=0, application/x-yaml;q=0, */*", .json), ("application/json;q=0", .json),
        ("text/html", .json),
        ("text/html, application/yaml;q=0.1", .yaml), ("application/yaml;q=0.001", .yaml),
        ("application/yaml;q=2", .json),
        ("application/yaml;q=x", .json), ("application/yaml;q=-1", .json), ("application/yaml;q=nan", .json),
        (",,;,application/yaml,", .yaml),
        ("application/yaml; charset=utf-8", .yaml), ("application/json;q=0.9, application/*;q=0.95", .yaml),
        ("text/x;a=\"b,application/yaml\"", .json), ("application/json, application/yaml", .json),
    ])
    func acceptChoosesTheFormat(_ accept: String?, _ format: BodyFormat) {
        #expect(BodyFormat(accept: accept) == format)
    }
}
