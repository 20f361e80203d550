import Components
import HTTPTypes
import JSON
import Testing

@testable import ComponentsHTTP

struct ConditionalConfigTests {
    private let path = "/api/v1/tool/demo/config"

    @Test(arguments: [("application/json", "\"48213\""), ("application/yaml", "\"48213-yaml\"")])
    func everyReadingHasTheTagOfItsFormat(_ type: String, _ tag: String) async {
        for method in [HTTPRequest.Method.get, .head] {
            let (response, _) = await exchange(APIRequest(method, path, fields: [.accept: type]))
            #expect(response.head.headerFields[.eTag] == tag)
        }
    }

    @Test func storingAnswersTheTagOfWhatIsStoredNow() async {
        let (response, _) = await exchange(APIRequest(.post, path, body: "{}"), script: .init(version: "7"))
        #expect(response.head.headerFields[.eTag] == "\"7\"")
    }

    @Test(arguments: ["*", "\"48213\"", "W/\"48213\"", "\"1\", \"48213\""])
    func whoHasItAlreadyGetsNoBody(_ tags: String) async {
        for method in [HTTPRequest.Method.get, .head] {
            let (response, calls) = await exchange(APIRequest(method, path, fields: [.ifNoneMatch: tags]))
            #expect(response.head.status == .notModified)
            #expect(response.head.headerFields[.eTag] == "\"48213\"")
            #expect(response.head.headerFields[.cacheControl] == "no-store")
            #expect(response.head.headerFields[.requestID] != nil)
            #expect(response.head.headerFields[.contentType] == nil)
            #expect(response.head.headerFields[.contentLength] == nil)
            #expect(response.body.isEmpty)
            #expect(calls.count == 1)
        }
    }

    @Test(arguments: [("\"1\"", "application/json"), ("\"48213\"", "application/yaml"), ("\"48213-yaml\"", "*/*")])
    func anotherVersionOrFormatIsSent(_ tags: String, _ type: String) async {
        let (response, _) = await exchange(APIRequest(.get, path, fields: [.ifNoneMatch: tags, .accept: type]))
        #expect(response.head.status == .ok)
        #expect(!response.body.isEmpty)
    }

    @Test(arguments: [("\"48213\"", 200), ("*", 200), ("\"48213-yaml\"", 200), ("\"1\"", 412), ("W/\"48213\"", 412)])
    func readingIsConditionalTheOtherWayToo(_ tags: String, _ status: Int) async throws {
        let (response, _) = await exchange(APIRequest(.get, path, fields: [.ifMatch: tags]))
        #expect(response.head.status.code == status)
        if status == 412 { _ = try response.errors() }
    }

    @Test func whatIsNotThereIsMissingWhateverTheCondition() async throws {
        let missing = ComponentsError.configMissing(try ToolName(known: "demo"))
        for name in [HTTPField.Name.ifMatch, .ifNoneMatch] {
            let (response, _) = await exchange(APIRequest(.get, path, fields: [name: "*"]), script: .failing(missing))
            #expect(response.head.status == .notFound)
        }
    }

    @Test func storingHandsThePreconditionOn() async throws {
        let fields: HTTPFields = [.ifMatch: "\"1\", \"2-yaml\"", .ifNoneMatch: "*"]
        let (_, calls) = await exchange(APIRequest(.post, path, fields: fields, body: "{}"))
        let precondition = ConfigPrecondition(match: .listed(["1", "2"]), noneMatch: .any)
        #expect(calls == [.store([:], try ToolName(known: "demo"), precondition)])
    }

    @Test(arguments: [HTTPField.Name.ifMatch, .ifNoneMatch], ["48213", "", "\"1\" \"2\"", "*, \"1\"", "\"\u{1}\""])
    func aConditionThatCannotBeReadIsRefusedBeforeAnythingIsDone(_ name: HTTPField.Name, _ value: String) async throws {
        for method in [HTTPRequest.Method.get, .head, .post] {
            let request = APIRequest(method, path, fields: [name: value], body: method == .post ? "{}" : "")
            let (response, calls) = await exchange(request)
            #expect(response.head.status == .badRequest)
            #expect(calls.isEmpty)
            if method != .head { #expect(try response.errors()[0].contains(name.rawName)) }
        }
    }

    @Test(arguments: [
        (FailedPrecondition.changed, ["GET /api/v1/tool/demo/config", "If-Match"]),
        (.missing, ["If-None-Match: *"]), (.present, ["GET /api/v1/tool/demo/config", "If-Match"]),
    ])
    func aFailedPreconditionSaysWhatToDo(_ failure: FailedPrecondition, _ words: [String]) async throws {
        let error = ComponentsError.preconditionFailed(try ToolName(known: "demo"), failure)
        let (response, _) = await exchange(APIRequest(.post, path, body: "{}"), script: .failing(error))
        #expect(response.head.status == .preconditionFailed)
        let message = try #require(try response.errors().first)
        #expect(message.contains("nothing was stored"))
        for word in words { #expect(message.contains(word)) }
    }

    @Test(arguments: [
        ("W/\"48213\"", "is weak", "Send \"48213\" instead"),
        ("\"48213-gzip\"", "is altered", "Send \"48213\" instead"),
        ("\"7\", \"48213-yaml-gzip\"", "is altered", "Send \"48213-yaml\" instead"),
        ("W/\"48213;br\"", "is weak", "Send \"48213\" instead"),
    ])
    func tagThatWasAlteredOnTheWayIsSaidToBe(_ tags: String, _ why: String, _ whatToSend: String) async throws {
        let changed = ComponentsError.preconditionFailed(try ToolName(known: "demo"), .changed)
        for (method, script) in [(HTTPRequest.Method.get, RecordingOperations.Script()), (.post, .failing(changed))] {
            let request = APIRequest(method, path, fields: [.ifMatch: tags], body: method == .post ? "{}" : "")
            let (response, _) = await exchange(request, script: script)
            #expect(response.head.status == .preconditionFailed)
            let message = try response.errors()[0]
            #expect(message.contains(why))
            #expect(message.contains(whatToSend))
        }
    }

    @Test func alteredTagBesideOneThatMatchesDoesNoHarm() async {
        let (response, _) = await exchange(APIRequest(.get, path, fields: [.ifMatch: "W/\"1\", \"48213\""]))
        #expect(response.head.status == .ok)
    }

    @Test func theConditionsAreFieldsOfTheForms() throws {
        let page = Documents.example.pageText()
        for operation in ["getConfig", "storeConfig"] {
            for name in ["If-Match", "If-None-Match"] {
                #expect(page.contains("id=\"\(operation)-\(name)\" name=\"\(name)\" data-in=\"header\""))
            }
        }
    }
}
