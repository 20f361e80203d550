import Components
import Foundation
import HTTPTypes
import JSON
import Testing

@testable import ComponentsHTTP

/// Deployments in the words of the field's clients.
struct FieldDeploymentTests {
    private static let config: JSONValue = [
        "components": [
            "web": ["build": ["repository": "https://example.org/w"]], "worker": ["build": ["reuse_from": "web"]],
        ]
    ]

    private static func view(
        _ phase: BuildPhase, message: String = "", stop: DeploymentStop? = nil, options: DeploymentOptions = .init()
    ) -> JSONValue {
        let build = Build(component: "web", id: "b", phase: phase, message: message)
        return FieldDeploymentView(
            deployment: Deployment(
                id: "d", createdAt: Date(timeIntervalSince1970: 1_795_332_755), builds: [build], stop: stop,
                options: options, config: config)
        ).json
    }

    @Test(arguments: BuildPhase.allCases)
    func everyBuildHasAWordAndASentence(_ phase: BuildPhase) throws {
        for message in ["", "the cluster says so"] {
            let build = try #require(Self.view(phase, message: message)["builds"]?["web"])
            let word = try #require(build["build_status"]?.stringValue)
            #expect(FieldDeploymentView.buildStatuses.contains(word))
            let text = try #require(build["build_long_status"]?.stringValue)
            #expect(!text.isEmpty)
            if phase.isTerminal || phase == .running {
                #expect(text.hasSuffix("You can see the logs with `toolforge build logs b`"))
            }
            if phase != .succeeded { #expect(text.hasPrefix(message)) }
        }
    }

    @Test func everyPhaseOfADeploymentHasAWord() {
        #expect(
            DeploymentPhase.allCases.map(FieldDeploymentView.word) == [
                "pending", "running", "successful", "failed", "cancelling", "cancelled", "timed_out",
            ])
    }

    @Test func whatStopsADeploymentIsTold() {
        let at = Date(timeIntervalSince1970: 1_795_332_793)
        func status(_ phase: BuildPhase, _ reason: Reason) -> [JSONValue?] {
            let view = Self.view(phase, stop: DeploymentStop(reason: reason, at: at))
            return [view["status"], view["long_status"]]
        }
        #expect(status(.running, .cancelled) == ["cancelling", "Deployment is being cancelled"])
        #expect(status(.cancelled, .cancelled) == ["cancelled", "Deployment was cancelled"])
        #expect(
            status(.cancelled, .superseded) == [
                "cancelled", "Deployment was cancelled, because a newer one was started",
            ])
        #expect(status(.timedOut, .deploymentTimedOut)[0] == "timed_out")
    }

    @Test func aComponentThatReusesABuildNeedsNone() {
        let view = Self.view(.running)
        #expect(
            view["builds"]?["worker"] == [
                "build_id": "no-build-needed", "build_status": "skipped",
                "build_long_status": "Component re-uses build from web",
            ])
        #expect(view["builds"]?.objectValue?.keys == ["web", "worker"])
        #expect(view["runs"]?.objectValue?.keys == ["web", "worker"])
    }

    /// Jobs are not started yet: that is never a wait without an end, and never a success.
    @Test(arguments: BuildPhase.allCases)
    func runsAreSkippedWithASentenceThatSaysWhatToDo(_ phase: BuildPhase) {
        for component in ["web", "worker"] {
            let run = Self.view(phase)["runs"]?[component]
            #expect(run?["run_status"] == "skipped")
            #expect(run?["run_long_status"]?.stringValue?.contains("`toolforge jobs restart \(component)`") == true)
        }
    }

    /// The client crashes on a `null` in most places.
    @Test(arguments: BuildPhase.allCases)
    func nothingIsNull(_ phase: BuildPhase) {
        func check(_ value: JSONValue) {
            #expect(value != .null)
            for member in value.objectValue?.members ?? [] { check(member.value) }
            for element in value.arrayValue ?? [] { check(element) }
        }
        check(Self.view(phase))
        check(FieldDeploymentView.json(.unreadable(id: "odd")))
    }

    @Test func whatWasAskedIsShown() {
        let options = DeploymentOptions(description: "the front page", forceBuild: true)
        let view = Self.view(.pending, options: options)
        #expect(view["description"] == "the front page")
        #expect(view["force_build"] == true)
        #expect(view["force_run"] == false)
    }

    @Test func aListHasTheNewestLast() async throws {
        let (response, _) = await exchange(APIRequest(.get, "/v1/tool/demo/deployment"))
        let ids = try response.json()["data"]?["deployments"]?.arrayValue?.map { $0["deploy_id"] }
        // The operations give the newest first.
        #expect(ids == ["odd", .string(Deployment.example.id)])
    }

    // MARK: What is asked

    private func options(_ query: String, _ body: String = "") async throws -> DeploymentOptions {
        let (response, calls) = await exchange(APIRequest(.post, "/v1/tool/demo/deployment" + query, body: body))
        #expect(response.head.status == .ok)
        guard case .deploy(_, let order)? = calls.first else { throw Missing() }
        return order.options
    }
    private struct Missing: Error {}

    @Test func flagsAreReadInEitherSpelling() async throws {
        #expect(try await options("") == DeploymentOptions(overlap: .reject))
        #expect(
            try await options("?force-build=true&force_run=1")
                == DeploymentOptions(overlap: .reject, forceBuild: true, forceRun: true))
        #expect(
            try await options("?force_build=False&force-run=yes")
                == DeploymentOptions(overlap: .reject, forceRun: true))
    }

    @Test func aDescriptionStandsInTheBodyOrInTheQuery() async throws {
        let expected = DeploymentOptions(overlap: .reject, description: "a b")
        #expect(try await options("?description=a+b") == expected)
        #expect(try await options("", #"{"description":"a b"}"#) == expected)
        for body in ["{}", " ", "null", #"{"description":null}"#, #"{"description":""}"#] {
            #expect(try await options("", body) == DeploymentOptions(overlap: .reject))
        }
        #expect(try await options("", #"{"overlap":"supersede"}"#) == DeploymentOptions(overlap: .supersede))
    }

    @Test(arguments: [
        ("?force-build=maybe", "", 400), ("?force-build=1&force_build=1", "", 400), ("?force-biuld=1", "", 400),
        ("?rebuild_storage=true", "", 400), ("?description=a", #"{"description":"b"}"#, 400),
        ("", #"{"force_build":true}"#, 422), ("", "[]", 422), ("", #"{"description":1}"#, 422), ("", "{", 400),
        ("?description=" + String(repeating: "a", count: 1_001), "", 422),
    ])
    func whatIsNotUnderstoodIsRefused(_ query: String, _ body: String, _ status: Int) async throws {
        let (response, calls) = await exchange(APIRequest(.post, "/v1/tool/demo/deployment" + query, body: body))
        #expect(response.head.status.code == status)
        #expect(calls.isEmpty)
        #expect(try !response.errors()[0].isEmpty)
    }

    @Test func aKeyMakesAStartRepeatable() async throws {
        let (response, calls) = await exchange(
            APIRequest(.post, "/v1/tool/demo/deployment", fields: [.idempotencyKey: "k"]),
            script: .init(isReplay: true))
        #expect(response.head.status == .ok)
        #expect(response.head.headerFields[.idempotentReplayed] == "true")
        guard case .deploy(_, let order)? = calls.first else { throw Missing() }
        #expect(order.key == IdempotencyKey("k"))
    }

    @Test func aWaitIsWaited() async throws {
        let tool = try ToolName(known: "demo")
        let path = "/v1/tool/demo/deployment/d"
        #expect(await exchange(APIRequest(.get, path + "?wait=50")).calls == [.awaitEnd("d", tool, .seconds(50))])
        #expect(await exchange(APIRequest(.get, path)).calls == [.deployment("d", tool)])
        #expect(await exchange(APIRequest(.head, path + "?wait=50")).calls == [.deployment("d", tool)])
        for wait in ["0", "51", "+5", "", "5s"] {
            let (response, calls) = await exchange(APIRequest(.get, path + "?wait=\(wait)"))
            #expect(response.head.status == .badRequest)
            #expect(calls.isEmpty)
        }
    }

    @Test func whereTheConfigWasFetchedIsShown() {
        let fetch = ConfigFetch(
            url: "https://example.org/c.yaml", digest: "abc", at: Date(timeIntervalSince1970: 1_795_332_755))
        let deployment = Deployment(
            id: "d", createdAt: Date(timeIntervalSince1970: 1_795_332_755), builds: [], config: Self.config,
            configFetch: fetch)
        let shown: JSONValue = [
            "url": "https://example.org/c.yaml", "sha256": "abc", "fetched": "2026-11-22 07:32:35",
        ]
        #expect(FieldDeploymentView(deployment: deployment).json["config_source"] == shown)
        #expect(DeploymentView(deployment: deployment).json["config-source"] == shown)
        #expect(Self.view(.pending)["config_source"] == nil)
    }

    @Test func latestStandsForTheNewestButNotToDeleteIt() async throws {
        let tool = try ToolName(known: "demo")
        let id = Deployment.example.id
        for (method, path, call) in [
            (HTTPRequest.Method.get, "latest", RecordingOperations.Call.deployment(id, tool)),
            (.put, "latest/cancel", .cancel(id, tool)),
        ] {
            let (response, calls) = await exchange(APIRequest(method, "/v1/tool/demo/deployment/\(path)"))
            #expect(response.head.status == .ok)
            #expect(calls == [.latestDeploymentID(tool), call])
        }
        let (refused, calls) = await exchange(APIRequest(.delete, "/v1/tool/demo/deployment/latest"))
        #expect(refused.head.status == .badRequest)
        #expect(calls.isEmpty)
    }

    @Test func cancellingAndDeletingSayWhatTheClientExpects() async throws {
        let (cancelled, _) = await exchange(APIRequest(.put, "/v1/tool/demo/deployment/d/cancel"))
        #expect(
            try cancelled.json()["messages"] == [
                "info": ["Deployment flagged for cancellation, might take a moment to cancel."]
            ])
        let (deleted, _) = await exchange(APIRequest(.delete, "/v1/tool/demo/deployment/d"))
        #expect(try deleted.json()["messages"] == ["info": ["Deployment d deleted successfully."]])
    }
}
