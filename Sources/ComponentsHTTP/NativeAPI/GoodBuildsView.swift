import Components
import JSON

/// The newest good builds of a tool's components, in the words of `GET /api/v1/tool/{tool}/components`.
struct GoodBuildsView {
    /// The builds.
    let builds: ToolBuilds

    private var components: [(name: String, build: GoodBuild)] {
        builds.components.sorted { $0.key < $1.key }.map { (name: $0.key, build: $0.value) }
    }

    /// The components by name.
    var json: JSONValue {
        ["components": .object(JSONObject(components.map { ($0.name, Self.json($0.build)) }))]
    }

    private static func json(_ build: GoodBuild) -> JSONValue {
        var json: JSONObject = [
            "build-id": .string(build.build), "deploy-id": .string(build.deployment),
            "repository": .string(build.source.repository),
        ]
        json["ref"] = build.source.ref.map(JSONValue.string)
        json["commit"] = build.commit.map(JSONValue.string)
        json["image"] = build.image.map(JSONValue.string)
        json["digest"] = build.digest.map(JSONValue.string)
        json["builder"] = build.builder.map(JSONValue.string)
        json["requested"] = .string(DeploymentView.time(build.requestedAt))
        json["built"] = build.ended.map { .string(DeploymentView.time($0)) }
        return .object(json)
    }

    /// A table for people.
    var text: String {
        guard !builds.components.isEmpty else { return "No component has been built yet.\n" }
        return TextTable(
            header: ["COMPONENT", "COMMIT", "BUILT", "DIGEST", "DEPLOY-ID"],
            rows: components.map { name, build in
                [
                    name, build.commit.map { String($0.prefix(10)) } ?? "-",
                    build.ended.map(DeploymentView.time) ?? "-", build.digest.map { String($0.prefix(19)) } ?? "-",
                    build.deployment,
                ]
            }
        ).text
    }
}
