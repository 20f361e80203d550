import Components
import Foundation
import HTTPTypes
import JSON
import Testing

@testable import ComponentsHTTP

/// Errors in the words of the field's clients.
struct FieldErrorTests {
    private let tool: ToolName

    init() throws { tool = try ToolName(known: "demo") }

    private func errors(_ error: ComponentsError, _ status: HTTPResponse.Status) async throws -> [String] {
        let (response, _) = await exchange(
            APIRequest(.get, "/v1/tool/demo/deployment/d"), script: .failing(error))
        #expect(response.head.status == status)
        #expect(try response.messages("warning") == ["You are using a beta feature of Toolforge."])
        return try response.errors()
    }

    @Test func theFieldsSentencesStandFirst() async throws {
        let ended = Deployment(
            id: "d", createdAt: .distantPast, builds: [], phase: .failed)
        for (error, status, words) in [
            (
                ComponentsError.configMissing(tool), HTTPResponse.Status.notFound,
                "Unable to find namespace tool-demo or config demo-config for demo"
            ),
            (.deploymentMissing(tool, id: "d"), .notFound, "Unable to find namespace tool-demo or deployment \"d\""),
            (.noDeployments(tool), .notFound, "No deployments found for tool: demo"),
            (
                .overlaps(tool, id: "e"), .conflict,
                "There's already 1 running, the limit is 1. Wait for it to finish for now."
            ),
            (.deploymentEnded(ended), .conflict, "Deployment can't be cancelled, it's state is failed"),
        ] {
            #expect(try await errors(error, status)[0].hasPrefix(words))
        }
    }

    /// The client shows the first message alone.
    @Test(arguments: [1, 2, 10, 11, 25])
    func theFirstMessageSaysHowManyMistakesThereAre(_ count: Int) async throws {
        let problems = (0..<count).map { ConfigProblem(path: "components.c\($0)", message: "is wrong") }
        let messages = try await errors(.configInvalid(problems, warnings: []), .unprocessableContent)
        #expect(messages[0].hasPrefix("\(count) mistake\(count == 1 ? "" : "s") in the config:"))
        #expect(messages[0].split(separator: "components.").count - 1 == min(count, 10))
        #expect(messages.joined().split(separator: "components.").count - 1 == count)
        let stored = try await errors(.storedConfigInvalid(problems, warnings: []), .unprocessableContent)
        #expect(stored[0].hasPrefix("\(count) mistake"))
    }

    /// Of 502, 503 and 504 the client says that the service seems to be down.
    @Test(arguments: [
        (ClusterFailure.failed(reason: "not allowed"), 500), (.unreadable(reason: "odd"), 409),
        (.refused(reason: "a rule"), 422), (.tooLarge, 413), (.unavailable(reason: "away", retryAfter: 3), 503),
        (.timedOut(mayHaveHappened: false), 504),
    ])
    func theServiceIsSaidToBeDownOnlyIfItIs(_ failure: ClusterFailure, _ status: Int) async throws {
        _ = try await errors(.cluster(failure, about: .config(of: tool)), HTTPResponse.Status(code: status))
    }

    @Test func tokensHaveSentencesOfTheirOwn() async throws {
        for (error, status, words) in [
            (DeployTokenError.unavailable, 404, "TOKEN_KEYS_FILE"),
            (.missing(tool), 404, "Unable to find namespace tool-demo or deploytoken demo for demo"),
            (
                .exists(tool), 409,
                "Deploy token already exists. Use the 'refresh' subcommand or PUT /tool/demo/deployment/token to refresh it."
            ), (.keyGone(tool), 409, "'refresh'"), (.cluster(.toolMissing, tool), 404, "tool-demo"),
            (.cluster(.failed(reason: "x"), tool), 500, "x"),
        ] {
            let (response, calls) = await exchange(
                APIRequest(.get, "/v1/tool/demo/deployment/token"), tokens: ScriptedTokens(error: error))
            #expect(response.head.status.code == status)
            #expect(calls.isEmpty)
            #expect(try response.errors()[0].contains(words))
        }
    }

    @Test func aTokenThatCannotBeToldIsLeftOut() async throws {
        let issued = IssuedDeployToken(
            text: nil, createdAt: ScriptedTokens.issued.createdAt, expiresAt: ScriptedTokens.issued.expiresAt)
        let (response, _) = await exchange(
            APIRequest(.delete, "/v1/tool/demo/deployment/token"), tokens: ScriptedTokens(issued: issued))
        #expect(try response.json()["data"] == ["creation_date": "2026-11-22T07:33:11.014828Z"])
    }

    @Test func unknownPathsAndToolsAreAnsweredInThisFamily() async throws {
        for path in ["/v1/nothing", "/v1/tool/UPPER/config"] {
            let (response, _) = await exchange(APIRequest(.get, path))
            #expect(response.head.status == .notFound)
            #expect(try response.messages("warning") == ["You are using a beta feature of Toolforge."])
        }
    }

    // MARK: The config

    @Test func generateGivesWhatIsStoredElseAnExampleThatCanBeStored() async throws {
        let (stored, _) = await exchange(APIRequest(.get, "/v1/tool/demo/config/generate"))
        #expect(try stored.json()["data"] == ["components": [:]])
        let (example, _) = await exchange(
            APIRequest(.get, "/v1/tool/demo/config/generate"), script: .failing(.configMissing(tool)))
        #expect(example.head.status == .ok)
        #expect(
            try example.json()["messages"]?["warning"] == [
                "You are using a beta feature of Toolforge.",
                "Note that this config is an autogenerated example, please double check and validate before using it",
                "No components were able to be generated from your tool, a sample set of them is returned instead",
            ])
        #expect(try example.json()["data"] == FieldTexts.exampleConfig(of: "demo"))
    }

    @Test func aRemovedConfigIsReturned() async throws {
        let (response, calls) = await exchange(APIRequest(.delete, "/v1/tool/demo/config"))
        #expect(calls == [.remove(tool)])
        #expect(try response.json()["data"] == ["components": [:]])
    }
}
