import Components
import HTTPTypes
import JSON
import Testing

@testable import ComponentsHTTP

struct HeaderTests {
    private let config = "/api/v1/tool/demo/config"

    @Test func everyAnswerHasTheCommonFields() async {
        for (method, path) in [
            (HTTPRequest.Method.get, config), (.get, "/nowhere"), (.get, "//"), (.put, config), (.get, "/openapi.json"),
            (.post, "/api/v1/tool/demo/deploy"), (.get, "/api/v1/tool/other/config"),
        ] {
            let (response, _) = await exchange(APIRequest(method, path))
            let fields = response.head.headerFields
            #expect(fields[.contentType] == "application/json")
            #expect(fields[.contentLength] == String(response.body.count))
            #expect(fields[.cacheControl] == "no-store")
            #expect(fields[.requestID]?.isEmpty == false)
        }
    }

    @Test(arguments: ["a", "A-z_0.9", String(repeating: "x", count: 64)])
    func wellFormedRequestIDIsKept(_ id: String) async {
        let log = CapturedLog()
        let (response, _) = await exchange(APIRequest(.get, config, fields: [.requestID: id]), logger: log.logger)
        #expect(response.head.headerFields[.requestID] == id)
        #expect(!log.lines.isEmpty)
        #expect(log.lines.allSatisfy { $0.metadata["request-id"] == id })
    }

    @Test(arguments: ["", "a b", "é", "a~b", "a,b", String(repeating: "x", count: 65), "{}"])
    func otherRequestIDIsReplaced(_ id: String) async throws {
        let (response, _) = await exchange(APIRequest(.get, config, fields: [.requestID: id]))
        let made = try #require(response.head.headerFields[.requestID])
        #expect(made != id)
        #expect(RequestID.isWellFormed(made))
        #expect(made.utf8.count == 32)
    }

    @Test func madeRequestIDsDiffer() {
        let ids = (0..<1_000).map { _ in RequestID().description }
        #expect(Set(ids).count == ids.count)
        #expect(ids.allSatisfy { $0.wholeMatch(of: /[0-9a-f]{32}/) != nil })
        // Every digit comes at every place.
        for place in 0..<32 {
            #expect(Set(ids.map { Array($0.utf8)[place] }).count == 16)
        }
    }

    @Test func hostileNamesMakeOneHeaderBlockAndOneLogLine() async throws {
        for scalar in (0..<0x20).compactMap(Unicode.Scalar.init) + ["\u{7F}", "\u{85}", "\u{2028}"] {
            let path = "/api/v1/tool/demo/deploy/a" + "\(scalar)".percentEncodedSegment + "Set-Cookie:%20b"
            let log = CapturedLog()
            let (response, _) = await exchange(
                APIRequest(.get, path),
                script: .failing(.deploymentMissing(try ToolName(known: "demo"), id: "a\(scalar)b")),
                logger: log.logger)
            #expect(response.head.status == (scalar.value < 0xA0 ? .badRequest : .notFound))
            for field in response.head.headerFields { #expect(!field.value.contains { $0.isNewline }) }
            #expect(response.body.dropLast().allSatisfy { $0 >= 0x20 })
            #expect(log.lines.count == 1)
            #expect(log.lines.allSatisfy { line in !line.metadata.values.contains { $0.contains { $0.isNewline } } })
        }
    }
}
