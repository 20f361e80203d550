import Components
import HTTPTypes
import JSON
import Testing

@testable import ComponentsHTTP

struct ErrorTableTests {
    private static let tool = ToolName("demo")

    static var everyError: [ComponentsError] {
        guard let tool else { return [] }
        let problem = ConfigProblem(path: "components.web", message: "It must be a mapping.")
        return [
            .configMissing(tool), .configImported(tool), .configInvalid([problem], warnings: []),
            .storedConfigInvalid([problem], warnings: []),
            .deploymentMissing(tool, id: "d"), .superseded(id: "d"), .undecided(id: "d"), .keyTaken(id: "d"),
            .noDeployments(tool),
            .frozen("Harbor is down"),
            .componentMissing(DeploymentIdentity(id: "d", tool: tool), component: "wbe", known: ["web"]),
            .configUnavailable(url: "https://x.example/c.yaml", reason: "the host x.example has no file at this URL"),
            .storedConfigInvalid([problem], warnings: [], .fetched("https://x.example/c.yaml")),
            .optionsInvalid([OptionProblem("refs.\"x\" is no component of the stored config.")]),
        ] + everyFailure.map { .cluster($0, about: .config(of: tool)) } + failedPreconditions
    }

    static let everyFailure: [ClusterFailure] = [
        .toolMissing, .toolTerminating, .absent, .exists, .conflict, .full(QuotaRefusal(reason: "quota exceeded")),
        .refused(reason: "denied"), .tooLarge, .unreadable(reason: "it is not a mapping"),
        .failed(reason: "It forbids this."), .invalidResponse(reason: "It makes no sense."),
        .unavailable(reason: "It is away.", retryAfter: nil),
        .timedOut(mayHaveHappened: true), .timedOut(mayHaveHappened: false),
    ]

    /// What the operations on the config alone response.
    static var failedPreconditions: [ComponentsError] {
        guard let tool else { return [] }
        return FailedPrecondition.allCases.map { .preconditionFailed(tool, $0) }
    }

    static var everyRequestFault: [RequestFault] {
        guard let tool, let other = ToolName("other") else { return [] }
        return [
            .invalidPath("it is odd"), .unknownPath, .invalidToolName("UPPER"), .methodNotAllowed([.get]),
            .unidentified(.gatewaySilent), .unidentified(.notVerified), .unidentified(.subject("it is empty")),
            .otherTool(certificate: other, path: tool), .otherSite, .body(.tooLarge(limit: 1)),
            .body(.incomplete(announced: 2, received: 1)), .body(.invalidLength("x")), .body(.timedOut),
            .unsupportedMediaType("text/plain"), .malformedBody("It is odd.", at: .init(line: 1, column: 2)),
            .invalidOptions([OptionProblem("It is odd.")]),
            .overloaded,
            .invalidCondition(.ifMatch, "1"), .invalidKey("a b"), .invalidQuery("it is odd"),
            .unknownQueryParameter("x", known: []), .unknownCondition(.ifMatch, known: []),
            .alteredTag(#"W/"1""#, isWeak: true, unaltered: #""1""#), .contentEncoding("gzip"),
            .tokenNotEnough, .tokenRefused(.other, of: tool), .tokenBesideCertificate(of: tool), .severalTokens,
        ]
    }

    @Test func statusesAreThoseOfTheSpecification() {
        #expect(
            Self.everyError.map { ErrorResponse($0, prefix: .none).status.code }
                == [
                    404, 409, 422, 422, 404, 409, 503, 409, 404, 503, 404, 400, 422, 422, 404, 409, 409, 409, 409, 422,
                    422,
                    413, 409, 502, 502,
                    503, 504, 504, 412, 412, 412,
                ])
        #expect(
            Self.everyRequestFault.map { ErrorResponse($0).status.code }
                == [
                    400, 404, 404, 405, 401, 401, 401, 403, 403, 413, 400, 400, 408, 415, 400, 422, 503, 400, 400, 400,
                    400, 400, 412, 415, 403, 401, 403, 400,
                ])
    }

    @Test func everyErrorSaysSomething() {
        for response in Self.everyError.map({ ErrorResponse($0, prefix: .none) })
            + Self.everyRequestFault.map(ErrorResponse.init)
        {
            #expect(!response.messages.isEmpty)
            #expect(response.messages.allSatisfy { !$0.isEmpty })
        }
    }

    @Test func oneMessageForEachProblemOfAConfig() throws {
        let problems = [
            ConfigProblem(path: "components.web.build.repository", message: "It must be a URL."),
            ConfigProblem(path: "", message: "There are no components."),
        ]
        let sent = ErrorResponse(.configInvalid(problems, warnings: []), prefix: .none)
        #expect(
            sent.messages
                == ["components.web.build.repository: It must be a URL.", "There are no components."])
        let stored = ErrorResponse(.storedConfigInvalid(problems, warnings: []), prefix: .none)
        #expect(stored.messages.count == 2)
        #expect(stored.messages.allSatisfy { $0.hasPrefix("The stored config") })
    }

    @Test func warningsStandBesideTheErrorsOfAConfig() async throws {
        let problem = ConfigProblem(path: "components.web.build", message: "is required")
        for error in [
            ComponentsError.configInvalid([problem], warnings: ["components.web.bulid: this key is not known"]),
            .storedConfigInvalid([problem], warnings: ["components.web.bulid: this key is not known"]),
        ] {
            let request = APIRequest(.post, "/api/v1/tool/demo/deploy")
            let (response, _) = await exchange(request, script: .failing(error))
            #expect(try response.errors().count == 1)
            #expect(try response.messages("warning") == ["components.web.bulid: this key is not known"])
        }
    }

    @Test func missingConfigSaysHowToStoreOne() throws {
        let prefix = try #require(URLPrefix("/components"))
        let response = ErrorResponse(.configMissing(try ToolName(known: "demo")), prefix: prefix)
        #expect(response.messages.first?.contains("POST /components/api/v1/tool/demo/config") == true)
    }

    @Test func missingToolNamesItsNamespace() throws {
        let response = ErrorResponse(.cluster(.toolMissing, about: .tool(try ToolName(known: "demo"))), prefix: .none)
        #expect(response.messages.first?.contains("tool-demo") == true)
    }

    @Test func aTimeoutSaysWhetherSomethingMayBeStored() throws {
        let deployment = DeploymentIdentity(id: "d", tool: try ToolName(known: "demo"))
        let words: [(OperationSubject, Bool, String)] = [
            (.deployment(deployment), true, "the deployment d may have been stored all the same"),
            (.newDeployment(deployment), true, "d may have been stored all the same"),
            (.deployment(deployment), false, "nothing was changed"),
            (.room(for: deployment.tool), true, "no new one was started"),
        ]
        for (subject, mayHaveHappened, text) in words {
            let error = ComponentsError.cluster(.timedOut(mayHaveHappened: mayHaveHappened), about: subject)
            #expect(ErrorResponse(error, prefix: .none).messages.first?.contains(text) == true)
        }
    }

    @Test func aNewDeploymentWhoseRecordMayBeStoredIsNamed() throws {
        let deployment = DeploymentIdentity(id: "d-1", tool: try ToolName(known: "demo"))
        let error = ComponentsError.cluster(
            .unavailable(reason: "it is away", retryAfter: nil), about: .newDeployment(deployment))
        let message = try #require(ErrorResponse(error, prefix: .none).messages.first)
        #expect(message.contains("if the deployment d-1 was recorded all the same, asking for it starts its builds"))
    }

    @Test(arguments: [(7, "7"), (0, "1"), (-1, "1"), (Int.max, "3600"), (Int.min, "1")])
    func retryAfterIsTheClustersWithinBounds(_ given: Int, _ sent: String) {
        let response = ErrorResponse(.away(retryAfter: given), prefix: .none)
        #expect(response.fields[.retryAfter] == sent)
    }

    @Test func retryAfterIsAFewSecondsIfTheClusterSaidNothing() throws {
        for _ in 0..<50 {
            let response = ErrorResponse(.away(retryAfter: nil), prefix: .none)
            #expect((1...5).contains(try #require(response.fields[.retryAfter].flatMap { Int($0) })))
        }
    }

    @Test(arguments: [
        (RequestBodyFault.tooLarge(limit: 262_144), 413, "262144"),
        (.incomplete(announced: 10, received: 3), 400, "10"),
        (.invalidLength("5,5"), 400, "5,5"), (.timedOut, 408, "in time"),
    ])
    func bodyThatDidNotArriveIsRefused(_ fault: RequestBodyFault, _ status: Int, _ words: String) async throws {
        for path in ["config", "deploy"] {
            var request = APIRequest(.post, "/api/v1/tool/demo/\(path)")
            request.body = .failure(fault)
            let (response, calls) = await exchange(request)
            #expect(response.head.status.code == status)
            #expect(calls.isEmpty)
            #expect(try response.errors().contains { $0.contains(words) })
        }
    }

    @Test func readinessIsOneStatusWhateverIsWrong() async throws {
        for error in Self.everyError {
            let (response, _) = await exchange(APIRequest(.get, "/readyz"), script: .failing(error))
            #expect(response.head.status == .serviceUnavailable)
            #expect(response.head.headerFields[.retryAfter] != nil)
            _ = try response.errors()
        }
    }
}

extension ComponentsError {
    fileprivate static func away(retryAfter: Int?) -> ComponentsError {
        .cluster(.unavailable(reason: "It is away.", retryAfter: retryAfter), about: .service)
    }
}
