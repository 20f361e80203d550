import Components
import Foundation
import HTTPTypes
import JSON
import Testing

@testable import ComponentsHTTP

/// The rows that wait for a deployment and follow it.
struct FollowingResponseTests {
    private let path = "/api/v1/tool/demo/deploy/d"

    private func script(_ deployment: Deployment, _ events: [FollowingEvent] = []) -> RecordingOperations.Script {
        RecordingOperations.Script(deployment: .success(deployment), events: events)
    }

    private func seen(_ deployment: Deployment, _ version: String, after seconds: Double = 0) -> SeenDeployment {
        SeenDeployment(
            deployment: deployment, version: version, seenAt: deployment.createdAt.addingTimeInterval(seconds))
    }

    /// What a response streams.
    private func streamed(
        _ script: RecordingOperations.Script, accept: String?, lastEventID: String? = nil
    ) async throws -> String {
        var fields: HTTPFields = [:]
        fields[.accept] = accept
        fields[.lastEventID] = lastEventID
        let (response, calls) = await exchange(APIRequest(.get, path + "/events", fields: fields), script: script)
        #expect(calls == [.follow("d", try ToolName(known: "demo"))])
        #expect(response.head.status == .ok)
        guard case .stream(let stream) = response.content else { return "" }
        var bytes: [UInt8] = []
        try await stream { bytes += $0 }
        return String(decoding: bytes, as: UTF8.self)
    }

    // MARK: - Waiting

    @Test(arguments: ["", "/result"])
    func aWaitIsWaited(_ row: String) async throws {
        let tool = try ToolName(known: "demo")
        let wanted = script(.finishedExample)
        #expect(
            await exchange(APIRequest(.get, path + row + "?wait=50"), script: wanted).calls
                == [.awaitEnd("d", tool, .seconds(50))])
        #expect(await exchange(APIRequest(.get, path + row), script: wanted).calls == [.deployment("d", tool)])
        #expect(
            await exchange(APIRequest(.head, path + row + "?wait=50"), script: wanted).calls
                == [.deployment("d", tool)])
    }

    @Test(arguments: ["0", "51", "-1", "+5", "", "1.5", "5s", "١", "99999999999999999999"])
    func aWaitThatIsNoneIsRefused(_ wait: String) async throws {
        let encoded = try #require(wait.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
        for row in ["", "/result"] {
            let (response, calls) = await exchange(APIRequest(.get, path + row + "?wait=\(encoded)"))
            #expect(response.head.status == .badRequest)
            #expect(try response.errors()[0].contains("from 1 to 50"))
            #expect(calls.isEmpty)
        }
    }

    @Test func theResultOfOneThatGoesOnIsToBeAskedForAgain() async throws {
        let (response, _) = await exchange(APIRequest(.get, path + "/result?wait=1"), script: script(.example))
        #expect(response.head.status == .tooManyRequests)
        #expect(response.head.headerFields[.retryAfter] == "1")
        #expect(
            try response.errors() == [
                "The deployment \(Deployment.example.id) is running, 1 of 2 builds done: ask again for its result."
            ])
    }

    @Test func theResultOfAFailureHasTheReasons() async throws {
        let (response, _) = await exchange(APIRequest(.get, path + "/result"), script: script(.failedExample))
        #expect(response.head.status == .failedDependency)
        let errors = try response.errors()
        #expect(errors.count == 2)
        #expect(errors[0].contains("is error (OutOfMemory), 2 of 2 builds done"))
        #expect(
            errors[1] == "The build of web did not succeed (OutOfMemory): the step build used more than 4 GiB. "
                + "What to do: \(Reason.outOfMemory.nextStep).")
    }

    @Test func theResultOfASuccessIsTheDeployment() async throws {
        let (response, _) = await exchange(APIRequest(.get, path + "/result"), script: script(.finishedExample))
        #expect(response.head.status == .ok)
        #expect(try response.json()["data"]?["status"] == "finished")
        #expect(try response.json()["data"]?["requested-by"] == "demo")
    }

    // MARK: - Events

    @Test func eventsAreStreamedUntilTheEnd() async throws {
        let text = try await streamed(
            script(
                .example,
                [.quiet, .failed(.conflict), .changed(seen(.example, "8")), .changed(seen(.failedExample, "9"))]),
            accept: "text/event-stream")
        let pieces = text.split(separator: "\n\n").map(String.init)
        #expect(pieces.count == 5)
        #expect(pieces[0].hasPrefix("id: 7\nevent: change\ndata: {\"deploy-id\":\"\(Deployment.example.id)\""))
        #expect(pieces[1...2] == [":", ":"])
        #expect(pieces[3].hasPrefix("id: 8\nevent: change\ndata: {"))
        #expect(pieces[4].hasPrefix("id: 9\nevent: end\ndata: {"))
        let data = try #require(pieces[4].split(separator: "data: ").last)
        #expect(
            try JSONValue(parsing: Array(data.utf8), limits: .trusted)
                == DeploymentView(deployment: .failedExample).json)
    }

    @Test func whatTheClientHasSeenIsNotSentAgain() async throws {
        let change = FollowingEvent.changed(seen(.finishedExample, "8"))
        let known = try await streamed(script(.example, [change]), accept: "text/event-stream", lastEventID: "7")
        #expect(known.hasPrefix(":\n\nid: 8\nevent: end\n"))
        // Another state than the client's is sent, whichever is the newer.
        for id in ["6", "8", "odd"] {
            let other = try await streamed(script(.example), accept: "text/event-stream", lastEventID: id)
            #expect(other.hasPrefix("id: 7\nevent: change\n"))
        }
        let fields: HTTPFields = [.accept: "text/event-stream", .lastEventID: "7"]
        let (over, _) = await exchange(
            APIRequest(.get, path + "/events", fields: fields), script: script(.finishedExample))
        #expect(over.head.status == .noContent)
        #expect(over.body.isEmpty)
    }

    @Test func aStreamThatEndsOtherwiseSaysSo() async throws {
        let again = try await streamed(script(.example, [.interrupted]), accept: "text/event-stream")
        #expect(again.hasSuffix("\n\nevent: again\nretry: 1000\ndata: {\"deploy-id\":\"d\"}\n\n"))
        let removed = try await streamed(script(.example, [.removed]), accept: "text/event-stream")
        #expect(removed.hasSuffix("\n\nevent: removed\ndata: {\"deploy-id\":\"d\"}\n\n"))
    }

    @Test(arguments: [nil, "*/*", "text/plain", "text/*", "application/json", "text/event-stream;q=0.5, text/plain"])
    func textIsForEverybodyWhoDoesNotAskForEvents(_ accept: String?) async throws {
        let text = try await streamed(
            script(.example, [.quiet, .quiet, .changed(seen(.failedExample, "9", after: 61))]), accept: accept)
        #expect(
            text == """
                \(Deployment.example.id) of 2026-11-22 10:15:00: running, 1 of 2 builds done
                10:15:00  api  finished, 1/2 builds done
                10:15:00  web  running, 1/2 builds done
                ..
                10:16:00  web  error (OutOfMemory: \(Reason.outOfMemory.sentence)), 2/2 builds done
                error (OutOfMemory), 2 of 2 builds done; 1 did not succeed.
                  web: \(Reason.outOfMemory.sentence); \(Reason.outOfMemory.nextStep).
                More: GET /api/v1/tool/demo/deploy/d

                """)
    }

    @Test func theTextSaysWhatEndsIt() async throws {
        let finished = try await streamed(script(.finishedExample), accept: nil)
        #expect(finished.hasSuffix("finished: all builds succeeded. Restart what runs their images to use them.\n"))
        let again = try await streamed(script(.example, [.quiet, .interrupted]), accept: nil)
        #expect(again.hasSuffix("\n.\nThe service is restarted: ask again to go on (GET \(path)/events).\n"))
        let removed = try await streamed(script(.example, [.removed]), accept: nil)
        #expect(removed.hasSuffix("\nThe deployment was removed; builds that had not ended are cancelled.\n"))
        var cancelling = Deployment.example
        cancelling.phase = .cancelling
        let cancelled = try await streamed(script(.example, [.changed(seen(cancelling, "8", after: 5))]), accept: nil)
        #expect(cancelled.hasSuffix("\n10:15:05  it is being cancelled; its builds are told to end\n"))
    }

    @Test func aHeadOfTheEventsIsAnsweredAtOnce() async throws {
        let (response, calls) = await exchange(APIRequest(.head, path + "/events"))
        #expect(calls == [.deployment("d", try ToolName(known: "demo"))])
        #expect(response.head.headerFields[.contentType] == "text/plain; charset=utf-8")
        #expect(response.head.headerFields[.accelBuffering] == "no")
    }

    // MARK: - Tables

    @Test func aListIsATableForPeople() async throws {
        let fields: HTTPFields = [.accept: "text/plain"]
        let (response, _) = await exchange(
            APIRequest(.get, "/api/v1/tool/demo/deploy", fields: fields), script: script(.failedExample))
        #expect(response.head.headerFields[.contentType] == "text/plain; charset=utf-8")
        #expect(
            String(decoding: response.body, as: UTF8.self) == """
                CREATED              STATUS      BUILDS  REASON       DEPLOY-ID
                2026-11-22 10:15:00  error       2/2     OutOfMemory  \(Deployment.example.id)
                -                    unreadable  -       -            odd

                """)
        let (none, _) = await exchange(
            APIRequest(.get, "/api/v1/tool/demo/deploy?status=pending", fields: fields), script: script(.failedExample))
        #expect(String(decoding: none.body, as: UTF8.self) == "No deployments.\n")
    }

    @Test func aDeploymentIsATableForPeople() async throws {
        var deployment = Deployment.failedExample
        deployment.options.description = "Before\u{1B}[31m lunch"
        deployment.requestedBy = "alice"
        deployment.builds[0].commit = "0123456789abcdef0123456789abcdef01234567"
        let (response, _) = await exchange(
            APIRequest(.get, path, fields: [.accept: "text/plain, */*;q=0.5"]), script: script(deployment))
        #expect(
            String(decoding: response.body, as: UTF8.self) == """
                \(deployment.id)
                created 2026-11-22 10:15:00 by alice
                Before [31m lunch
                error (OutOfMemory), 2 of 2 builds done

                COMPONENT  STATUS    STARTED   ENDED     COMMIT      REASON
                api        finished  10:15:03  10:16:00  0123456789  -
                web        error     10:15:03  10:16:00  -           OutOfMemory

                web: the step build used more than 4 GiB

                """)
    }

    @Test func theEndsOfLogsStandBelowTheTableAndAtTheEndOfTheEvents() async throws {
        var deployment = Deployment.failedExample
        deployment.builds[1].logTail = BuildLogTail(
            step: "build", exitCode: 1, lines: (1...12).map { "line \($0)\t\u{85}" })
        let shown = (3...12).map { "  | line \($0)\n" }.joined()
        let expected = "The end of the log of web, step build:\n\(shown)"
        #expect(DeploymentText.table(of: deployment).hasSuffix("web: the step build used more than 4 GiB\n\(expected)"))
        let text = try await streamed(script(.example, [.changed(seen(deployment, "9", after: 61))]), accept: nil)
        #expect(text.hasSuffix("\(expected)More: GET \(path)\n"))
        let events = try await streamed(
            script(.example, [.changed(seen(deployment, "9"))]), accept: "text/event-stream")
        #expect(events.contains("\"log-tail\":{\"step\":\"build\",\"lines\":[\"line 1"))
    }

    @Test(arguments: [nil, "*/*", "application/json", "application/json, text/plain", "application/yaml"])
    func whoPrefersNoTextGetsNone(_ accept: String?) async throws {
        var fields: HTTPFields = [:]
        fields[.accept] = accept
        let (response, _) = await exchange(APIRequest(.get, path, fields: fields))
        #expect(response.head.headerFields[.contentType]?.hasPrefix("application/") == true)
    }

    @Test func noLineIsWiderThanATerminal() {
        var deployment = Deployment.failedExample
        deployment.id = "demo-deploy-" + String(repeating: "9", count: 200)
        deployment.builds[1].component = String(repeating: "c", count: 40)
        deployment.builds[1].message = String(repeating: "long ", count: 60)
        deployment.builds[1].reason = .serviceAccountMissing
        deployment.options.description = String(repeating: "d", count: 1_000)
        let texts = [DeploymentText.table(of: deployment), DeploymentText.table(of: [.deployment(deployment)])]
        for line in texts.flatMap({ $0.split(separator: "\n") }) { #expect(line.count <= 100, "\(line)") }
        #expect(texts[0].contains("\n  ServiceAccountMissing\n"))
    }

    // MARK: - Who asks

    @Test(arguments: [("alice", "alice"), ("", nil), ("a\nb", nil), (nil, nil)])
    func aPersonIsWhomTheGatewayNames(_ given: String?, _ expected: String?) async throws {
        var gateway = GatewayParameters.demo
        gateway.person = given
        let (_, calls) = await exchange(APIRequest(.post, "/api/v1/tool/demo/deploy", gateway: gateway))
        #expect(calls == [.deploy(try ToolName(known: "demo"), DeploymentOrder(requestedBy: expected))])
    }

    @Test func thePersonIsHandedOnByBothFamilies() async throws {
        var gateway = GatewayParameters.demo
        gateway.person = "alice"
        let tool = try ToolName(known: "demo")
        let id = Deployment.example.id
        for path in ["/api/v1/tool/demo/deploy/\(id)/cancel", "/v1/tool/demo/deployment/\(id)/cancel"] {
            let (_, calls) = await exchange(APIRequest(.put, path, gateway: gateway))
            #expect(calls == [.cancel(id, tool, by: "alice")], "\(path)")
        }
        let (_, calls) = await exchange(APIRequest(.post, "/v1/tool/demo/deployment", gateway: gateway))
        guard case .deploy(tool, let order) = calls.first else {
            Issue.record("no deployment was asked for: \(calls)")
            return
        }
        #expect(order.requestedBy == "alice")
    }
}
