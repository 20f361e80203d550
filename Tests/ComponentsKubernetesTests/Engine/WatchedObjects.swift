import Components
import Foundation
import JSON
import Kubernetes

@testable import ComponentsKubernetes

/// Records and runs as the watches tell them.
enum WatchedObjects {
    static let identity = deployment("demo-deploy-1")
    static let other = deployment("demo-deploy-2")

    static func deployment(_ id: String) -> DeploymentIdentity {
        guard let tool = ToolName("demo") else { preconditionFailure("demo is a tool's name") }
        return DeploymentIdentity(id: id, tool: tool)
    }

    static func build(_ component: String = "web", of deployment: DeploymentIdentity = identity) -> PlannedBuild {
        PlannedBuild(
            component: component, id: DeploymentNames.build(of: component, deployment: deployment),
            repository: "https://example.org/\(component)", ref: nil)
    }

    static func record(
        _ deployment: DeploymentIdentity = identity, version: Int, phase: BuildPhase = .running, uid: String = "u1"
    ) -> DeploymentRecord {
        let build = build(of: deployment)
        return DeploymentRecord(
            request: DeploymentRequest(
                identity: deployment, requestedAt: Date(timeIntervalSince1970: 1), config: ["components": [:]],
                builds: [build]),
            status: DeploymentStatus(builds: ["web": BuildStatus(start: .created, phase: phase, message: "m")]),
            createdAt: Date(timeIntervalSince1970: 1), identity: uid, version: String(version))
    }

    static func run(
        _ phase: BuildPhase, of deployment: DeploymentIdentity = identity, component: String = "web"
    ) -> WatchedRun {
        WatchedRun(
            deployment: deployment, component: component, observation: BuildObservation(phase: phase, message: "m"))
    }

    static func key(_ deployment: DeploymentIdentity) -> ObjectKey {
        ObjectKey(namespace: "tool-\(deployment.tool)", name: deployment.id)
    }

    static func key(_ build: PlannedBuild) -> ObjectKey { ObjectKey(namespace: "image-build", name: build.id) }
}

/// What the watch of deployments tells.
extension WatchEvent<DeploymentRecord?> {
    static func all(_ records: DeploymentRecord...) -> Self {
        .reset(
            Dictionary(
                uniqueKeysWithValues: records.map { (WatchedObjects.key($0.request.identity), .success($0)) }))
    }

    static func changed(_ record: DeploymentRecord) -> Self {
        .applied(WatchedObjects.key(record.request.identity), .success(record))
    }

    static func left(_ record: DeploymentRecord) -> Self {
        .deleted(WatchedObjects.key(record.request.identity), .success(record))
    }
}

/// What the watch of runs tells.
extension WatchEvent<WatchedRun> {
    private static func key(_ run: WatchedRun) -> ObjectKey {
        WatchedObjects.key(WatchedObjects.build(run.component, of: run.deployment))
    }

    static func all(_ runs: WatchedRun...) -> Self {
        .reset(Dictionary(uniqueKeysWithValues: runs.map { (key($0), .success($0)) }))
    }

    static func changed(_ run: WatchedRun) -> Self { .applied(key(run), .success(run)) }

    static func removed(_ run: WatchedRun) -> Self { .deleted(key(run), .success(run)) }
}
