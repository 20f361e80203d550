import Components
import Foundation
import JSON
import Kubernetes

/// A `ToolDeployment`: `spec` is what was asked, `status` how far it has come.
///
/// Reading the object never fails on its contents: what cannot be understood is for `record(of:)` to say, so that such
/// an object can still be removed.
struct ToolDeploymentObject: KubernetesResource {
    static let definition = CustomResources.toolDeployment
    /// `spec.requestedAt` again, for lists of metadata.
    static let requestedAtAnnotation = CustomResources.annotation("requested-at")

    let metadata: ObjectMetadata
    let spec: JSONValue
    let status: JSONValue?

    init(json: JSONValue) throws(KubernetesError) {
        metadata = try ObjectMetadata(json: json["metadata"] ?? .null)
        spec = json["spec"] ?? .null
        status = json["status"]
    }

    /// The object for a new deployment.
    init(_ request: DeploymentRequest) {
        let requestedAt = request.requestedAt.formattedWithMicroseconds
        metadata = ObjectMetadata(
            name: request.identity.id, annotations: [Self.requestedAtAnnotation: requestedAt])
        let tool = JSONValue.string(request.identity.tool.value)
        let builds = request.builds.map { build -> (String, JSONValue) in
            var entry: JSONObject = ["id": .string(build.id), "repository": .string(build.repository)]
            entry["ref"] = build.ref.map(JSONValue.string)
            return (build.component, .object(entry))
        }
        var spec: JSONObject = [
            "tool": tool, "requestedBy": tool, "requestedAt": .string(requestedAt), "config": request.config,
            "builds": .object(JSONObject(builds)),
        ]
        spec["nonce"] = request.nonce.map(JSONValue.string)
        self.spec = .object(spec)
        status = nil
    }

    var json: JSONValue {
        var object: JSONObject = ["metadata": metadata.json, "spec": spec]
        object["status"] = status
        return .object(object)
    }

    /// What the object says, as the rules understand it.
    ///
    /// - Throws: `ClusterFailure.unreadable` with the first thing that is not as this service writes it.
    func record(of tool: ToolName) throws(ClusterFailure) -> DeploymentRecord {
        guard let name = metadata.name, let uid = metadata.uid, let version = metadata.resourceVersion,
            let createdAt = metadata.creationTimestamp
        else { throw .unreadable(reason: "its metadata is incomplete") }
        guard spec["tool"]?.stringValue == tool.value else {
            throw .unreadable(reason: "spec.tool does not name this tool")
        }
        let identity = DeploymentIdentity(id: name, tool: tool)
        let nonce = spec["nonce"]?.stringValue
        guard let planned = spec["builds"]?.objectValue else {
            throw .unreadable(reason: "spec.builds is missing or is no mapping")
        }
        var builds: [PlannedBuild] = []
        for (component, entry) in planned.members {
            guard let id = entry["id"]?.stringValue, let repository = entry["repository"]?.stringValue else {
                throw .unreadable(reason: "spec.builds.\(component) has no id or no repository")
            }
            // Whoever could write a name of their choice here could have another tool's builds cancelled.
            guard id == DeploymentNames.build(of: component, deployment: identity, nonce: nonce) else {
                throw .unreadable(reason: "spec.builds.\(component).id is not the name this service gives")
            }
            builds.append(
                PlannedBuild(component: component, id: id, repository: repository, ref: entry["ref"]?.stringValue))
        }
        var requestedAt = createdAt
        if let text = spec["requestedAt"]?.stringValue {
            guard let date = Date(formattedWithMicroseconds: text) else {
                throw .unreadable(reason: "spec.requestedAt is not a time as RFC 3339 has it, in UTC")
            }
            requestedAt = date
        }
        return DeploymentRecord(
            request: DeploymentRequest(
                identity: identity, requestedAt: requestedAt, config: spec["config"] ?? .null,
                builds: builds.sorted { $0.component < $1.component }, nonce: nonce),
            status: try Self.status(status), createdAt: createdAt, identity: uid, version: version)
    }

    private static func status(_ json: JSONValue?) throws(ClusterFailure) -> DeploymentStatus {
        guard let json, json != .null, let noted = json["builds"], noted != .null else { return DeploymentStatus() }
        guard let entries = noted.objectValue else { throw .unreadable(reason: "status.builds is no mapping") }
        var builds: [String: BuildStatus] = [:]
        for (component, entry) in entries.members {
            guard let start = entry["start"]?.stringValue.flatMap(StartNote.init(rawValue:)),
                let phase = entry["phase"]?.stringValue.flatMap(BuildPhase.init(rawValue:))
            else { throw .unreadable(reason: "status.builds.\(component) has no known start and phase") }
            builds[component] = BuildStatus(
                start: start, phase: phase, reason: entry["reason"]?.stringValue.flatMap(BuildReason.init(rawValue:)),
                message: entry["message"]?.stringValue ?? "")
        }
        return DeploymentStatus(builds: builds)
    }

    /// The `status` that says this of that request.
    static func json(_ status: DeploymentStatus, of request: DeploymentRequest) -> JSONValue {
        let entries = status.builds.sorted { $0.key < $1.key }.map { component, build -> (String, JSONValue) in
            var entry: JSONObject = [
                "start": .string(build.start.rawValue), "phase": .string(build.phase.rawValue),
                "message": .string(build.message.clipped),
            ]
            entry["reason"] = (build.reason?.rawValue).map(JSONValue.string)
            return (component, .object(entry))
        }
        let ended = request.builds.count { status.builds[$0.component]?.phase.isTerminal == true }
        return [
            "phase": .string(status.phase(of: request).rawValue),
            "buildsDone": .string("\(ended)/\(request.builds.count)"), "builds": .object(JSONObject(entries)),
        ]
    }
}
