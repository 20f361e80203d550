import Components
import Foundation
import JSON
import Kubernetes

/// A `ToolDeployment`: `spec` is what was asked, `status` how far it has come.
///
/// Reading the object never fails on its contents, so that an object with invalid contents can still be removed:
/// `record(of:)` reports what is invalid.
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
            entry["commit"] = build.commit.map(JSONValue.string)
            entry["failure"] = build.failure.map { failure in
                ["reason": .string(failure.reason.rawValue), "message": .string(failure.message.clipped)]
            }
            entry["taken"] = build.taken.map(Self.json)
            return (build.component, .object(entry))
        }
        var spec: JSONObject = [
            "tool": tool, "requestedBy": request.requestedBy.map(JSONValue.string) ?? tool,
            "requestedAt": .string(requestedAt), "config": request.config,
            "builds": .object(JSONObject(builds)),
        ]
        spec["configSource"] = request.configFetch.map(Self.json)
        spec["nonce"] = request.nonce.map(JSONValue.string)
        spec["options"] = DeploymentOptionsObject(request.options).json
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
    /// - Throws: `ClusterFailure.unreadable` with the first thing that is not as this service writes it; `.invalidResponse` if the
    ///   cluster left out what every object has.
    func record(of tool: ToolName) throws(ClusterFailure) -> DeploymentRecord {
        guard let name = metadata.name, let uid = metadata.uid, let version = metadata.resourceVersion,
            let createdAt = metadata.creationTimestamp
        else { throw .invalidResponse(reason: "it returned a deployment without its name, uid, version or time") }
        guard spec["tool"]?.stringValue == tool.value else {
            throw .unreadable(reason: "spec.tool does not name this tool")
        }
        let identity = DeploymentIdentity(id: name, tool: tool)
        let nonce = spec["nonce"]?.stringValue
        guard let planned = spec["builds"]?.objectValue else {
            throw .unreadable(reason: "spec.builds is missing or not a mapping")
        }
        let config = spec["config"] ?? .null
        var builds: [PlannedBuild] = []
        for (component, entry) in planned.members {
            guard let id = entry["id"]?.stringValue, let repository = entry["repository"]?.stringValue else {
                throw .unreadable(reason: "spec.builds.\(component) has no id or no repository")
            }
            // A name of somebody's choice would let them cancel another tool's builds.
            guard id == DeploymentNames.build(of: component, deployment: identity, nonce: nonce) else {
                throw .unreadable(reason: "spec.builds.\(component).id is not the name this service gives")
            }
            builds.append(
                PlannedBuild(
                    component: component, id: id, repository: repository, ref: entry["ref"]?.stringValue,
                    commit: entry["commit"]?.stringValue, options: BuildOptions(of: component, in: config),
                    failure: Self.failure(entry["failure"]), taken: try Self.taken(entry["taken"], of: component)))
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
                identity: identity, requestedAt: requestedAt, config: config,
                configFetch: Self.fetch(spec["configSource"]),
                builds: builds.sorted { $0.component < $1.component }, nonce: nonce,
                options: try DeploymentOptionsObject(json: spec["options"]).options,
                requestedBy: spec["requestedBy"]?.stringValue.flatMap { $0 == tool.value ? nil : $0 }),
            status: try Self.status(status), createdAt: createdAt, identity: uid, version: version)
    }

    private static func json(_ taken: TakenBuild) -> JSONValue {
        var entry: JSONObject = [
            "build": .string(taken.build), "deployment": .string(taken.deployment), "image": .string(taken.image),
        ]
        entry["builder"] = taken.builder.map(JSONValue.string)
        return .object(entry)
    }

    /// The earlier build that is taken, if so.
    private static func taken(_ json: JSONValue?, of component: String) throws(ClusterFailure) -> TakenBuild? {
        guard let json, json != .null else { return nil }
        guard let build = json["build"]?.stringValue, let deployment = json["deployment"]?.stringValue,
            let image = json["image"]?.stringValue
        else { throw .unreadable(reason: "spec.builds.\(component).taken has no build, deployment and image") }
        return TakenBuild(
            build: build, deployment: deployment, image: image, builder: json["builder"]?.stringValue)
    }

    private static func json(_ fetch: ConfigFetch) -> JSONValue {
        [
            "url": .string(fetch.url), "sha256": .string(fetch.digest),
            "fetchedAt": .string(fetch.at.formattedWithMicroseconds),
        ]
    }

    /// Where the config was fetched, if it was; what is missing of that harms nothing.
    private static func fetch(_ json: JSONValue?) -> ConfigFetch? {
        guard let url = json?["url"]?.stringValue, let digest = json?["sha256"]?.stringValue,
            let at = json?["fetchedAt"]?.stringValue.flatMap(Date.init(formattedWithMicroseconds:))
        else { return nil }
        return ConfigFetch(url: url, digest: digest, at: at)
    }

    /// Why there is nothing to build; `nil` if there is.
    ///
    /// A reason that a later version wrote keeps the build from starting all the same.
    private static func failure(_ json: JSONValue?) -> BuildFailure? {
        guard let json, json != .null else { return nil }
        return BuildFailure(
            json["reason"]?.stringValue.flatMap(Reason.init(rawValue:)) ?? .buildFailed,
            message: json["message"]?.stringValue ?? "")
    }
}
