import Components
import Foundation
import HTTPTypes
import JSON
import Testing

@testable import ComponentsHTTP

/// What this family answers, against bodies that the Python implementation was recorded with.
///
/// The ids are ours. A new deployment has more than the recorded one, which left out what the client then shows as unknown;
/// and `runs` are skipped, because no jobs are started yet.
struct RecordedBodyTests {
    private static let x = GatewayParameters(clientVerify: "SUCCESS", clientSubject: "CN=x,O=toolforge", prefix: "")
    private static let config: JSONValue = [
        "components": [
            "a": ["build": ["repository": "http://127.0.0.1:1/r.git", "ref": "main"], "run": ["command": "web"]]
        ]
    ]

    private static func deployment(_ build: Build, phase: DeploymentPhase? = nil) -> Deployment {
        Deployment(
            id: "x-deploy-20261122-073235-1", createdAt: Date(timeIntervalSince1970: 1_795_332_755), builds: [build],
            phase: phase, config: config)
    }

    private func answer(
        _ method: HTTPRequest.Method, _ path: String, body: String = "", script: RecordingOperations.Script = .init()
    ) async throws -> JSONValue {
        let (response, _) = await exchange(
            APIRequest(method, "/v1/tool/x" + path, body: body, gateway: Self.x), script: script)
        #expect(response.head.status == .ok)
        return try response.json()
    }

    @Test func health() async throws {
        let (response, calls) = await exchange(
            APIRequest(.get, "/v1/healthz", gateway: GatewayParameters(), isOverloaded: true))
        #expect(calls.isEmpty)
        #expect(
            try response.json() == [
                "data": ["status": "OK"],
                "messages": ["info": [], "warning": ["You are using a beta feature of Toolforge."], "error": []],
            ])
    }

    @Test func storedConfig() async throws {
        let stored = try await answer(.post, "/config", body: Self.config.text(.compact))
        #expect(
            stored == [
                "data": Self.config,
                "messages": [
                    "info": ["Configuration for x updated successfully."],
                    "warning": ["You are using a beta feature of Toolforge."],
                ],
            ])
        let read = try await answer(.get, "/config", script: .init(config: .success(Self.config)))
        #expect(
            read == [
                "data": Self.config, "messages": ["warning": ["You are using a beta feature of Toolforge."]],
            ])
    }

    @Test func newDeployment() async throws {
        let build = Build(
            component: "a", id: "x-buildpacks-pipelinerun-1", phase: .pending,
            message: "waiting for the cluster to start it")
        let answer = try await answer(
            .post, "/deployment", script: .init(deployment: .success(Self.deployment(build))))
        #expect(answer["messages"] == ["info": ["Deployment for x created successfully."]])
        let data = try #require(answer["data"])
        #expect(data["deploy_id"] == "x-deploy-20261122-073235-1")
        #expect(data["creation_time"] == "20261122-073235")
        #expect(data["description"] == "")
        #expect(data["builds"]?["a"]?["build_id"] == "x-buildpacks-pipelinerun-1")
        #expect(data["builds"]?["a"]?["build_status"] == "pending")
        #expect(data["tool_config"] == Self.config)
        #expect(data["force_build"] == false)
        #expect(data["force_run"] == false)
        #expect(data["status"] == "pending")
        #expect(data["runs"]?["a"]?["run_status"] == "skipped")
    }

    @Test func finishedDeployment() async throws {
        let build = Build(
            component: "a", id: "b0", phase: .succeeded, message: "Tasks Completed: 1", image: "h/tool-x/c0:latest",
            ended: Date(timeIntervalSince1970: 1_795_332_793))
        let answer = try await answer(
            .get, "/deployment/x-deploy-20261122-073235-1",
            script: .init(deployment: .success(Self.deployment(build))))
        #expect(answer["messages"] == [:])
        #expect(
            answer["data"]?["builds"] == [
                "a": [
                    "build_id": "b0", "build_status": "successful", "build_image": "h/tool-x/c0:latest",
                    "build_long_status": "You can see the logs with `toolforge build logs b0`",
                ]
            ])
        #expect(answer["data"]?["status"] == "successful")
        #expect(answer["data"]?["long_status"] == "Finished at 2026-11-22 07:33:13+00:00")
    }

    @Test func token() async throws {
        let texts: [(HTTPRequest.Method, JSONValue)] = [
            (.get, []), (.post, ["Deploy token for x created successfully."]),
            (.put, ["Deploy token for x updated successfully."]),
            (.delete, ["Deploy token for x deleted successfully."]),
        ]
        for (method, info) in texts {
            let answer = try await answer(method, "/deployment/token")
            #expect(
                answer == [
                    "data": [
                        "token": "848f4cf3-67f3-487e-b8e6-1df0b8820bad",
                        "creation_date": "2026-11-22T07:33:11.014828Z",
                    ],
                    "messages": [
                        "info": info, "warning": ["You are using a beta feature of Toolforge."], "error": [],
                    ],
                ])
        }
    }

    @Test func error() async throws {
        let (response, _) = await exchange(
            APIRequest(.get, "/v1/tool/x/deployment/latest", gateway: Self.x),
            script: .failing(.noDeployments(try ToolName(known: "x"))))
        #expect(response.head.status == .notFound)
        #expect(
            try response.json() == [
                "messages": [
                    "info": [], "warning": ["You are using a beta feature of Toolforge."],
                    "error": ["No deployments found for tool: x"],
                ]
            ])
    }
}
