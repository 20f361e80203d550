import Kubernetes

/// The group that this service's own resources live in; `chart/crds/` defines them.
enum CustomResources {
    static let group = "components-api.toolforge.org"
    static let version = "v1"

    static let toolConfig = ResourceDefinition(
        group: group, version: version, plural: "toolconfigs", kind: "ToolConfig")
    static let toolDeployment = ResourceDefinition(
        group: group, version: version, plural: "tooldeployments", kind: "ToolDeployment")

    /// An annotation of ours.
    static func annotation(_ name: String) -> String { "\(group)/\(name)" }
}
