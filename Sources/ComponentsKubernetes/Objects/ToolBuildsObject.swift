import Components
import Foundation
import JSON
import Kubernetes

/// A `ToolBuilds`: its `spec` holds the newest good build of each component of a tool.
struct ToolBuildsObject: KubernetesResource {
    static let definition = CustomResources.toolBuilds

    let metadata: ObjectMetadata
    let spec: JSONValue

    init(name: String, _ builds: ToolBuilds) {
        metadata = ObjectMetadata(name: name)
        let entries = builds.components.sorted { $0.key < $1.key }.map { ($0.key, Self.json($0.value)) }
        spec = ["components": .object(JSONObject(entries))]
    }

    init(json: JSONValue) throws(KubernetesError) {
        metadata = try ObjectMetadata(json: json["metadata"] ?? .null)
        spec = json["spec"] ?? .null
    }

    var json: JSONValue { ["metadata": metadata.json, "spec": spec] }

    /// What the object says; a build that is not as this service writes it is left out, so that the next good one takes its place.
    var builds: ToolBuilds {
        let entries = spec["components"]?.objectValue?.members ?? []
        let read = entries.compactMap { component, entry in Self.build(entry).map { (component, $0) } }
        return ToolBuilds(Dictionary(read) { first, _ in first })
    }

    private static func json(_ build: GoodBuild) -> JSONValue {
        var entry: JSONObject = [
            "build": .string(build.build), "deployment": .string(build.deployment),
            "requestedAt": .string(build.requestedAt.formattedWithMicroseconds),
            "repository": .string(build.source.repository),
        ]
        entry["ref"] = build.source.ref.map(JSONValue.string)
        entry["commit"] = build.commit.map(JSONValue.string)
        if !build.environment.isEmpty { entry["envvars"] = .string(build.environment) }
        entry["builder"] = build.builder.map(JSONValue.string)
        entry["image"] = build.image.map(JSONValue.string)
        entry["ended"] = build.ended.map { .string($0.formattedWithMicroseconds) }
        return .object(entry)
    }

    private static func build(_ entry: JSONValue) -> GoodBuild? {
        guard let build = entry["build"]?.stringValue, let deployment = entry["deployment"]?.stringValue,
            let requestedAt = entry["requestedAt"]?.stringValue.flatMap({ Date(formattedWithMicroseconds: $0) }),
            let repository = entry["repository"]?.stringValue
        else { return nil }
        return GoodBuild(
            build: build, deployment: deployment, requestedAt: requestedAt,
            source: BuildSource(repository: repository, ref: entry["ref"]?.stringValue),
            commit: entry["commit"]?.stringValue, environment: entry["envvars"]?.stringValue ?? "",
            builder: entry["builder"]?.stringValue, image: entry["image"]?.stringValue,
            ended: entry["ended"]?.stringValue.flatMap { Date(formattedWithMicroseconds: $0) })
    }
}
