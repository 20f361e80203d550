import Kubernetes

/// The group of this service's own resources; `chart/crds/` defines them.
///
/// The group `components-api.toolforge.org` belongs to another implementation, which has kinds of the same names.
enum CustomResources {
    static let group = "deploy.toolforge.org"
    static let version = "v1"

    static let toolConfig = ResourceDefinition(
        group: group, version: version, plural: "toolconfigs", kind: "ToolConfig")
    static let toolDeployment = ResourceDefinition(
        group: group, version: version, plural: "tooldeployments", kind: "ToolDeployment")
    static let toolBuilds = ResourceDefinition(
        group: group, version: version, plural: "toolbuilds", kind: "ToolBuilds")
    static let deployToken = ResourceDefinition(
        group: group, version: version, plural: "deploytokens", kind: "DeployToken")

    /// An annotation or label of ours.
    static func annotation(_ name: String) -> String { "\(group)/\(name)" }
}
