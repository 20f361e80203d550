import Components
import Foundation
import JSON
import Kubernetes
import Testing

@testable import ComponentsKubernetes

struct ObjectTests {
    private func request() throws -> DeploymentRequest {
        let identity = DeploymentIdentity(id: "demo-deploy-1", tool: try #require(ToolName("demo")))
        return DeploymentRequest(
            identity: identity, requestedAt: Date(microsecondsSince1970: 1_795_342_500_000_042),
            config: ["components": ["web": ["x": 1]]],
            builds: [
                PlannedBuild(
                    component: "api", id: DeploymentNames.build(of: "api", deployment: identity),
                    repository: "https://example.org/a", ref: nil),
                PlannedBuild(
                    component: "web", id: DeploymentNames.build(of: "web", deployment: identity),
                    repository: "https://example.org/w", ref: "v1"),
            ])
    }

    @Test func aPipelineRunIsWhatToolforgesOwnBuildsAre() throws {
        let request = try request()
        let run = PipelineRunObject(
            request.builds[1], of: request.identity, settings: BuildSettings(registry: "r.example"))
        #expect(
            run.json["metadata"]?["labels"] == [
                "user": "demo", "app.kubernetes.io/managed-by": "components-api", "deploy.toolforge.org/tool": "demo",
            ])
        #expect(run.spec["pipelineRef"] == ["name": "buildpacks"])
        #expect(
            run.spec["taskRunSpecs"]
                == [["pipelineTaskName": "build-from-git", "serviceAccountName": "buildpacks-service-account"]])
        var parameters: [String: JSONValue] = [:]
        for parameter in run.spec["params"]?.arrayValue ?? [] {
            parameters[parameter["name"]?.stringValue ?? ""] = parameter["value"]
        }
        #expect(parameters["APP_IMAGE"] == "r.example/tool-demo/web:latest")
        #expect(parameters["SOURCE_URL"] == "https://example.org/w")
        #expect(parameters["SOURCE_REFERENCE"] == "v1")
        #expect(parameters["UNRESOLVED_SOURCE_REFERENCE"] == "v1")
        #expect(parameters["ENV_VARS"] == [])
        #expect(parameters.count == 7)
        #expect(run.spec["workspaces"]?.arrayValue?.count == 3)
        #expect(run.belongs(to: request.builds[1], of: request.identity))
        #expect(!run.belongs(to: request.builds[0], of: request.identity))
        let head = PipelineRunObject(request.builds[0], of: request.identity, settings: BuildSettings())
        #expect(head.spec["params"]?.arrayValue?.contains(["name": "SOURCE_REFERENCE", "value": "HEAD"]) == true)
    }

    @Test func aRecordReadsBackAsItWasWritten() throws {
        var request = try request()
        request.configFetch = ConfigFetch(
            url: "https://example.org/toolforge.yaml", digest: String(repeating: "a", count: 64),
            at: Date(microsecondsSince1970: 1_795_342_500_000_041))
        let status = DeploymentStatus(builds: [
            "web": BuildStatus(start: .created, phase: .running, message: "m"),
            "api": BuildStatus(start: .refused, phase: .failed, reason: .clusterRefused, message: "quota"),
        ])
        var object = try #require(ToolDeploymentObject(request).json.objectValue)
        object["metadata"] = [
            "name": "demo-deploy-1", "uid": "u", "resourceVersion": "7", "creationTimestamp": "2026-11-22T10:15:00Z",
        ]
        object["status"] = ToolDeploymentObject.json(status, of: request)
        let record = try ToolDeploymentObject(json: .object(object)).record(of: request.identity.tool)
        #expect(record.request == request)
        #expect(record.status == status)
        #expect(record.createdAt == Date(timeIntervalSince1970: 1_795_342_500))
        #expect(object["status"]?["buildsDone"] == "1/2")
        #expect(object["status"]?["phase"] == "running")
    }

    @Test(
        arguments: [
            .config, .ref("v1"), .refs(["web": "v1", "api": "main"]), .deployment("demo-deploy-20200101-000000-1"),
        ] as [DeploymentOptions.Selection])
    func whatWasAskedForReadsBackAsItWasWritten(_ selection: DeploymentOptions.Selection) throws {
        var request = try request()
        request.options = DeploymentOptions(overlap: .reject, description: "d", selection: selection)
        request.builds[0].failure = BuildFailure(.refNotFound, message: "no such branch")
        request.builds[1].commit = String(repeating: "a", count: 40)
        var object = try #require(ToolDeploymentObject(request).json.objectValue)
        object["metadata"] = [
            "name": "demo-deploy-1", "uid": "u", "resourceVersion": "7", "creationTimestamp": "2026-11-22T10:15:00Z",
        ]
        let record = try ToolDeploymentObject(json: .object(object)).record(of: request.identity.tool)
        #expect(record.request == request)
    }

    @Test(arguments: [
        #"{"spec": {}}"#, #"{"spec": null}"#, #"{"spec": {"tool": "demo", "builds": []}}"#,
        #"{"spec": {"tool": "demo", "builds": {"web": {}}}}"#,
        #"{"spec": {"tool": "demo", "builds": {}}, "status": {"builds": {"web": {"start": "created", "phase": "new"}}}}"#,
        #"{"spec": {"tool": "demo", "builds": {}}, "status": {"builds": 1}}"#,
        #"{"spec": {"tool": "other", "builds": {}}}"#,
        #"{"spec": {"tool": "demo", "builds": {"web": {"id": "other-build", "repository": "https://example.org/r"}}}}"#,
    ])
    func anObjectThatCannotBeUnderstoodSaysSo(_ text: String) throws {
        var object = try #require(try JSONValue(parsing: Array(text.utf8)).objectValue)
        object["metadata"] = [
            "name": "x", "uid": "u", "resourceVersion": "1", "creationTimestamp": "2026-11-22T10:15:00Z",
        ]
        let read = try ToolDeploymentObject(json: .object(object))
        let tool = try #require(ToolName("demo"))
        #expect {
            try read.record(of: tool)
        } throws: { error in
            if case ClusterFailure.unreadable = error { true } else { false }
        }
    }
}
