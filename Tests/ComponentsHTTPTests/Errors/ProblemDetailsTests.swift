import Components
import HTTPTypes
import JSON
import Testing

@testable import ComponentsHTTP

/// Errors in the form of RFC 9457, for whoever asks for it.
struct ProblemDetailsTests {
    private static let problem = "application/problem+json"
    private let config = "/api/v1/tool/demo/config"
    private let deploy = "/api/v1/tool/demo/deploy"

    @Test(
        arguments: [
            (problem, true), ("application/json, \(problem)", true), ("\(problem), */*;q=0.1", true),
            ("application/json;q=0.5, \(problem);q=0.5", true), ("application/yaml, \(problem)", true),
            ("Application/Problem+JSON;charset=utf-8", true), ("text/event-stream, \(problem);q=0.2", true),
            ("*/*", false), ("application/*", false), ("application/json", false), ("", false),
            ("application/json, \(problem);q=0.9", false), ("*/*, \(problem);q=0.9", false), ("\(problem);q=0", false),
            ("application/yaml, \(problem);q=0.9", false), ("application/problem+xml", false), (nil, false),
        ] as [(String?, Bool)])
    func acceptDecides(_ accept: String?, _ isProblem: Bool) async throws {
        var fields: HTTPFields = [:]
        if let accept { fields[.accept] = accept }
        let (response, _) = await exchange(
            APIRequest(.get, config, fields: fields), script: .failing(.configMissing(try ToolName(known: "demo"))))
        #expect(response.head.status == .notFound)
        #expect((response.head.headerFields[.contentType] == Self.problem) == isProblem)
        #expect(response.head.headerFields[.vary] == "Accept")
    }

    @Test func aProblemHasTheMembersOfTheRFCAndTheMessagesOfTheEnvelope() async throws {
        let error = ComponentsError.configMissing(try ToolName(known: "demo"))
        let (plain, _) = await exchange(APIRequest(.get, config), script: .failing(error))
        let (response, _) = await exchange(
            APIRequest(.get, config, fields: [.accept: Self.problem]), script: .failing(error))
        let json = try response.json()
        let message = try #require(try plain.errors().first)
        #expect(json.objectValue?.keys == ["type", "title", "status", "detail", "errors", "messages"])
        #expect(json["type"] == "about:blank")
        #expect(json["title"] == "Not Found")
        #expect(json["status"] == 404)
        #expect(json["detail"] == .string(message))
        #expect(json["errors"] == [["detail": .string(message)]])
        #expect(json["messages"] == (try plain.json()["messages"]))
        #expect(response.head.headerFields[.contentLength] == String(response.body.count))
    }

    /// Every error of the tables has as many items as messages, and keeps its fields.
    @Test func everyErrorIsAProblem() async throws {
        for error in ErrorTableTests.everyError {
            let (response, _) = await exchange(
                APIRequest(.post, deploy, fields: [.accept: Self.problem]), script: .failing(error))
            let (plain, _) = await exchange(APIRequest(.post, deploy), script: .failing(error))
            let json = try response.json()
            #expect(response.head.headerFields[.contentType] == Self.problem)
            #expect(response.head.status == plain.head.status)
            #expect(json["status"] == .number(JSONNumber(plain.head.status.code)))
            #expect(json["title"]?.stringValue?.isEmpty == false)
            let details = try #require(json["errors"]?.arrayValue).compactMap { $0["detail"]?.stringValue }
            // The seconds after which to try again are drawn anew.
            #expect(details.count == (try plain.errors()).count)
            #expect(details == (try response.messages("error")))
            #expect(
                (response.head.headerFields[.retryAfter] != nil) == (plain.head.headerFields[.retryAfter] != nil))
        }
    }

    @Test func fieldsOfErrorsStay() async throws {
        let accept: HTTPFields = [.accept: Self.problem]
        let (method, _) = await exchange(APIRequest(.patch, config, fields: accept))
        #expect(method.head.status == .methodNotAllowed)
        #expect(method.head.headerFields[.allow] == "GET, HEAD, POST, DELETE")
        var unknown = APIRequest(.get, config, fields: accept)
        unknown.gateway = GatewayParameters(clientVerify: "NONE")
        let (identity, _) = await exchange(unknown)
        #expect(try identity.json()["status"] == 401)
        let (overloaded, _) = await exchange(APIRequest(.get, config, fields: accept, isOverloaded: true))
        #expect(overloaded.head.headerFields[.retryAfter] == "1")
        #expect(try overloaded.json()["status"] == 503)
        let (path, _) = await exchange(APIRequest(.get, "/nothing", fields: accept))
        #expect(try path.json()["status"] == 404)
        let (head, _) = await exchange(APIRequest(.head, "/nothing", fields: accept))
        #expect(head.body.isEmpty)
        #expect(head.head.headerFields[.contentType] == Self.problem)
        #expect(head.head.headerFields[.contentLength] == path.head.headerFields[.contentLength])
    }

    @Test func aResultThatIsNoneYetIsAProblemToo() async throws {
        let accept: HTTPFields = [.accept: "application/json, \(Self.problem)"]
        let (going, _) = await exchange(APIRequest(.get, "\(deploy)/d/result", fields: accept))
        #expect(going.head.headerFields[.contentType] == Self.problem)
        #expect(going.head.headerFields[.retryAfter] == "1")
        let (failed, _) = await exchange(
            APIRequest(.get, "\(deploy)/d/result", fields: accept),
            script: .init(deployment: .success(.failedExample)))
        #expect(try failed.json()["title"] == "Failed Dependency")
        #expect(try failed.json()["errors"]?.arrayValue?.count == 2)
        let (succeeded, _) = await exchange(
            APIRequest(.get, "\(deploy)/d/result", fields: accept),
            script: .init(deployment: .success(.finishedExample)))
        #expect(succeeded.head.headerFields[.contentType] == "application/json")
    }

    @Test(
        arguments: [
            (nil, #"{"a": 1,"# + "\n" + #" "b": x}"#, 2, 7), ("application/yaml", "a: 1\nb: [1\n", 3, 1),
            ("application/yaml", "a: 1\n  a: *x\n", 2, 4),
        ] as [(String?, String, Int, Int)])
    func whatIsNotWellFormedHasALineAndAColumn(
        _ type: String?, _ body: String, _ line: Int, _ column: Int
    ) async throws {
        var fields: HTTPFields = [.accept: Self.problem]
        fields[.contentType] = type
        let (response, _) = await exchange(APIRequest(.post, config, fields: fields, body: body))
        #expect(response.head.status == .badRequest)
        let error = try #require(try response.json()["errors"]?.arrayValue?.first)
        #expect(error.objectValue?.keys == ["detail", "line", "column"])
        #expect(error["line"] == .number(JSONNumber(line)))
        #expect(error["column"] == .number(JSONNumber(column)))
        #expect(error["detail"]?.stringValue?.contains("line \(line), column \(column)") == true)
    }

    @Test func whatBreaksARuleHasAPointerAndItsPlaceInTheBody() async throws {
        let problems = [
            ConfigProblem(
                path: "components.web.build.repository",
                keys: ["components", "web", "build", "repository"], message: "is required"),
            ConfigProblem(path: #"components["a/~ é"]"#, keys: ["components", "a/~ é"], message: "is odd"),
            ConfigProblem(path: "", keys: [], message: "is odd"),
        ]
        let error = ComponentsError.configInvalid(problems, warnings: ["mind this"])
        let yaml = "components:\n  web:\n    build: {}\n  'a/~ é': 1\n"
        let (response, _) = await exchange(
            APIRequest(
                .post, config, fields: [.accept: Self.problem, .contentType: "application/yaml"], body: yaml),
            script: .failing(error))
        let json = try response.json()
        #expect(
            json["errors"] == [
                [
                    "detail": "components.web.build.repository: is required",
                    "pointer": "#/components/web/build/repository", "line": 3, "column": 5,
                ],
                [
                    "detail": #"components["a/~ é"]: is odd"#, "pointer": "#/components/a~1~0%20%C3%A9", "line": 4,
                    "column": 3,
                ],
                ["detail": "is odd", "pointer": "#", "line": 1, "column": 1],
            ])
        #expect(json["messages"]?["warning"] == ["mind this"])
        let (read, _) = await exchange(
            APIRequest(
                .post, config, fields: [.accept: Self.problem], body: #"{"components": {"web": {"build": {}}}}"#),
            script: .failing(error))
        let first = try #require(try read.json()["errors"]?.arrayValue?.first)
        #expect(first["line"] == 1)
        #expect(first["column"] == 25)
    }

    @Test func whatIsStoredHasAPointerAndNoLine() async throws {
        let error = ComponentsError.storedConfigInvalid(
            [ConfigProblem(path: "components", keys: ["components"], message: "is required")], warnings: [])
        let (response, _) = await exchange(
            APIRequest(.post, deploy, fields: [.accept: Self.problem], body: #"{"overlap": "allow"}"#),
            script: .failing(error))
        let first = try #require(try response.json()["errors"]?.arrayValue?.first)
        #expect(first["pointer"] == "#/components")
        #expect(first["line"] == nil)
    }

    @Test func optionsThatAreNotValidHaveTheirPlaces() async throws {
        let (response, calls) = await exchange(
            APIRequest(
                .post, deploy, fields: [.accept: Self.problem],
                body: #"""
                    {"overlap": "no",
                     "refs": {"web": 1},
                     "components": ["a", "a"], "x": 1}
                    """#))
        #expect(calls.isEmpty)
        let errors = try #require(try response.json()["errors"]?.arrayValue)
        #expect(
            errors.map { $0["pointer"]?.stringValue } == ["#/overlap", "#/refs/web", "#/components/1", "#/x"])
        #expect(errors.map { $0["line"] } == [1, 2, 3, 3])
        #expect(errors.map { $0["column"] } == [2, 11, 22, 28])
        let (unread, _) = await exchange(
            APIRequest(.post, deploy, fields: [.accept: Self.problem]),
            script: .failing(.optionsInvalid([OptionProblem("odd.", at: ["refs", "web"])])))
        // A body that is not there has no lines.
        #expect(try unread.json()["errors"] == [["detail": "odd.", "pointer": "#/refs/web"]])
    }

    @Test func theFieldsFamilyHasItsEnvelopeAlone() async throws {
        let (response, _) = await exchange(
            APIRequest(.get, "/v1/tool/demo/config", fields: [.accept: Self.problem]),
            script: .failing(.configMissing(try ToolName(known: "demo"))))
        #expect(response.head.headerFields[.contentType] == "application/json")
        #expect(response.head.headerFields[.vary] == nil)
        _ = try response.errors()
    }

    @Test func onlyWhatDependsOnAcceptSaysSo() async throws {
        let (config, _) = await exchange(APIRequest(.get, config))
        #expect(config.head.headerFields[.vary] == "Accept")
        let (stored, _) = await exchange(APIRequest(.post, deploy))
        #expect(stored.head.headerFields[.vary] == nil)
        let (log, _) = await exchange(APIRequest(.head, "\(deploy)/d/events"))
        #expect(log.head.headerFields[.vary] == "Accept")
    }
}
