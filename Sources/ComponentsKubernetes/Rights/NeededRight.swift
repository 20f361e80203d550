import Kubernetes

/// A right that the chart grants this service (`chart/templates/rbac.yaml`), and whether the main job needs it.
struct NeededRight: Sendable, Hashable {
    let question: AccessQuestion
    /// Whether configs or deployments fail without it.
    let isEssential: Bool

    /// The right in Kubernetes' words.
    var name: String {
        let group = question.group.isEmpty ? "" : ".\(question.group)"
        let subresource = question.subresource.map { "/\($0)" } ?? ""
        let place = question.namespace.map { " in \($0)" } ?? ""
        return "\(question.verb) \(question.resource)\(group)\(subresource)\(place)"
    }

    /// All of them, the essential ones first.
    ///
    /// - Parameters:
    ///   - leaseNamespace: where the lease of the engine is; `nil` = it is not to run.
    ///   - importsConfigs: whether configs of the Python implementation are read.
    static func all(
        buildNamespace: String, leaseNamespace: String?, importsConfigs: Bool = false
    ) -> [NeededRight] {
        let runs = PipelineRunObject.definition
        let leases = ResourceDefinition(group: "coordination.k8s.io", version: "v1", plural: "leases", kind: "Lease")
        let always =
            essential(["get", "create", "patch", "delete"], CustomResources.toolConfig)
            + essential(["get", "list", "create", "delete"], CustomResources.toolDeployment)
            + essential(["patch"], CustomResources.toolDeployment, subresource: "status")
            + essential(importsConfigs ? ["get"] : [], ImportedConfigObject.definition)
            + essential(["get"], Namespace.definition)
            + essential(["get", "create", "patch"], runs, in: buildNamespace)
            + other(["delete"], runs, in: buildNamespace)
            + other(["get"], TaskRunObject.definition, in: buildNamespace)
            + other(["get", "create", "patch"], CustomResources.toolBuilds)
            + other(["get", "create", "patch", "delete"], CustomResources.deployToken)
            + other(["create"], EventObject.definition)
        guard let leaseNamespace else { return always }
        return always + other(["watch"], CustomResources.toolDeployment)
            + other(["list", "watch"], runs, in: buildNamespace)
            + other(["create"], leases, in: leaseNamespace)
            + other(["get", "update"], leases, in: leaseNamespace, named: EngineRunner.leaseName)
    }

    private static func essential(
        _ verbs: [String], _ definition: ResourceDefinition, subresource: String? = nil, in namespace: String? = nil
    ) -> [NeededRight] {
        verbs.map {
            NeededRight(
                question: AccessQuestion($0, definition, subresource: subresource, namespace: namespace),
                isEssential: true)
        }
    }

    private static func other(
        _ verbs: [String], _ definition: ResourceDefinition, in namespace: String? = nil, named name: String? = nil
    ) -> [NeededRight] {
        verbs.map {
            NeededRight(
                question: AccessQuestion($0, definition, namespace: namespace, name: name), isEssential: false)
        }
    }
}
