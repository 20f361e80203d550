import Components
import Foundation
import HTTPTypes
import JSON
import Testing

@testable import ComponentsHTTP

/// What components were built from last, and what of it stands in deployments.
struct GoodBuildsTests {
    private static let digest = "sha256:" + String(repeating: "0f", count: 32)

    private static let build = GoodBuild(
        build: "demo-buildpacks-pipelinerun-a", deployment: "demo-deploy-20261122-101500-48213",
        requestedAt: Date(timeIntervalSince1970: 1_795_342_500),
        source: BuildSource(repository: "https://example.org/r.git", ref: "main"),
        commit: String(repeating: "c", count: 40), builder: "builder:24", image: "registry/tool-demo/web@\(digest)",
        ended: Date(timeIntervalSince1970: 1_795_342_560))

    private func exchange(
        fields: HTTPFields = [:], _ builds: [String: GoodBuild]
    ) async throws -> (APIResponse, [RecordingOperations.Call]) {
        await ComponentsHTTPTests.exchange(
            APIRequest(.get, "/api/v1/tool/demo/components", fields: fields),
            script: .init(goodBuilds: ToolBuilds(builds)))
    }

    @Test func eachComponentHasItsNewestGoodBuild() async throws {
        var bare = Self.build
        (bare.commit, bare.image, bare.builder, bare.ended, bare.source.ref) = (nil, nil, nil, nil, nil)
        let (response, calls) = try await exchange(["web": Self.build, "api": bare])
        #expect(response.head.status == .ok)
        #expect(calls == [.goodBuilds(try ToolName(known: "demo"))])
        let common: JSONObject = [
            "build-id": "demo-buildpacks-pipelinerun-a", "deploy-id": "demo-deploy-20261122-101500-48213",
            "repository": "https://example.org/r.git", "requested": "2026-11-22 10:15:00",
        ]
        var whole = common
        whole["ref"] = "main"
        whole["commit"] = .string(String(repeating: "c", count: 40))
        whole["image"] = .string("registry/tool-demo/web@\(Self.digest)")
        whole["digest"] = .string(Self.digest)
        whole["builder"] = "builder:24"
        whole["built"] = "2026-11-22 10:16:00"
        #expect(
            try response.json()["data"] == ["components": ["api": .object(common), "web": .object(whole)]])
    }

    @Test func forPeopleItIsATable() async throws {
        let (response, _) = try await exchange(fields: [.accept: "text/plain"], ["web": Self.build])
        let lines = String(decoding: response.body, as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines[0].hasPrefix("COMPONENT"))
        #expect(
            lines[1]
                == "web        cccccccccc  2026-11-22 10:16:00  sha256:0f0f0f0f0f0f  demo-deploy-20261122-101500-48213")
        #expect(lines.allSatisfy { $0.count <= TextTable.width })
        let (empty, _) = try await exchange(fields: [.accept: "text/plain"], [:])
        #expect(String(decoding: empty.body, as: UTF8.self) == "No component has been built yet.\n")
    }

    // MARK: - Deployments

    private static let config: JSONValue = [
        "components": [
            "worker": ["build": ["reuse_from": "web"]], "web": ["build": ["repository": "https://example.org/w"]],
            "api": ["build": ["repository": "https://example.org/w"]], "lost": ["build": ["reuse_from": "nothing"]],
        ]
    ]

    private static func deployment(_ web: Build) -> Deployment {
        Deployment(
            id: "d", createdAt: Date(timeIntervalSince1970: 0),
            builds: [Build(component: "api", id: "a", phase: .running, message: "m"), web], config: config)
    }

    @Test func aComponentThatReusesABuildStandsWithTheBuildThatItTakes() throws {
        var web = Build(component: "web", id: "w", phase: .failed, reason: .outOfMemory, message: "m")
        web.logTail = BuildLogTail(step: "build", exitCode: 1, lines: ["x"])
        let builds = try #require(DeploymentView(deployment: Self.deployment(web)).json["builds"]?.objectValue)
        #expect(builds.keys == ["api", "web", "worker"])
        let worker = try #require(builds["worker"])
        #expect(worker["build-id"] == "w")
        #expect(worker["reuse-from"] == "web")
        #expect(worker["status"] == "error")
        #expect(worker["reason"] == "OutOfMemory")
        #expect(worker["log-tail"] == nil)
        #expect(builds["web"]?["reuse-from"] == nil)
        #expect(builds["web"]?["log-tail"] != nil)
    }

    @Test func aBuildThatIsTakenHasItsOwnNameAndItsDeployment() throws {
        var web = Build(
            component: "web", id: "w", phase: .succeeded, reason: .unchanged, message: "m", image: "i@sha256:1")
        web.taken = TakenBuild(build: "earlier", deployment: "demo-deploy-1", image: "i@sha256:1")
        let deployment = Self.deployment(web)
        let json = try #require(DeploymentView(deployment: deployment).json["builds"]?["web"])
        #expect(json["build-id"] == "earlier")
        #expect(json["taken-from"] == "demo-deploy-1")
        #expect(json["status"] == "finished")
        #expect(json["reason"] == "Unchanged")
        #expect(
            FieldDeploymentView(deployment: deployment).json["builds"]?["web"] == [
                "build_id": "earlier", "build_status": "skipped", "build_image": "i@sha256:1",
                "build_long_status": "Reusing existing build",
            ])
    }

    // MARK: - Leaving out what has not changed

    @Test(arguments: [
        (#"{"skip-unchanged": true}"#, true, false), (#"{"force-build": true}"#, false, true),
        (#"{"skip-unchanged": false, "force-build": true}"#, false, true), (#"{}"#, false, false),
    ])
    func whatIsAskedForIsHandedOn(_ body: String, _ skips: Bool, _ forces: Bool) async throws {
        for path in ["/api/v1/tool/demo/deploy", "/v1/tool/demo/deployment"] {
            let (response, calls) = await ComponentsHTTPTests.exchange(APIRequest(.post, path, body: body))
            #expect(response.head.status.kind == .successful)
            guard case .deploy(_, let order) = calls.first else {
                Issue.record("nothing was deployed")
                continue
            }
            #expect(order.options.skipUnchanged == skips)
            #expect(order.options.forceBuild == forces)
        }
    }

    @Test(arguments: [
        (#"{"skip-unchanged": 1}"#, "skip-unchanged must be true or false"),
        (#"{"force-build": "true"}"#, "force-build must be true or false"),
        (#"{"force-build": true, "skip-unchanged": true}"#, "are both true"),
    ])
    func whatCannotBeMeantIs422(_ body: String, _ words: String) async throws {
        for path in ["/api/v1/tool/demo/deploy", "/v1/tool/demo/deployment"] {
            let (response, calls) = await ComponentsHTTPTests.exchange(APIRequest(.post, path, body: body))
            #expect(response.head.status == .unprocessableContent)
            #expect(try response.errors().contains { $0.contains(words) })
            #expect(calls.isEmpty)
        }
    }

    @Test func theFieldsQueryHasBoth() async throws {
        let path = "/v1/tool/demo/deployment"
        let (response, calls) = await ComponentsHTTPTests.exchange(APIRequest(.post, "\(path)?skip_unchanged=yes"))
        #expect(response.head.status == .ok)
        guard case .deploy(_, let order) = calls.first else {
            Issue.record("nothing was deployed")
            return
        }
        #expect(order.options.skipUnchanged)
        let (refused, _) = await ComponentsHTTPTests.exchange(
            APIRequest(.post, "\(path)?skip-unchanged=true&force-build=true"))
        #expect(refused.head.status == .unprocessableContent)
    }
}
