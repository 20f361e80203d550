public import Components
import JSON
public import Kubernetes
public import Logging

/// Configs as the Python components-api stores them: `ToolConfig` objects of its own group, in each tool's namespace.
///
/// They are read, one in one call, and never written.
public struct KubernetesConfigImport: ConfigImport {
    private let client: KubernetesClient
    private let logger: Logger

    /// The configs in that cluster.
    public init(client: KubernetesClient, logger: Logger) {
        self.client = client
        self.logger = logger
    }

    /// The object's `spec`; `nil` also where the cluster does not know the kind.
    public func importedConfig(of tool: ToolName) async throws(ClusterFailure) -> ConfigRecord? {
        let object = try await logger.clusterRead("read imported config", ["tool": "\(tool)"]) {
            () throws(KubernetesError) -> ImportedConfigObject? in
            do throws(KubernetesError) {
                return try await client.resources(ImportedConfigObject.self, namespace: tool.namespace)
                    .get(tool.configName)
            } catch let error where error.isNotFound {
                // No such object, or no such kind: the other implementation may have been uninstalled.
                return nil
            }
        }
        guard let object, !object.metadata.isBeingDeleted else { return nil }
        guard let document = object.document, document.objectValue != nil else {
            throw .unreadable(reason: "it is that of the Python components-api, and has no spec that is a mapping")
        }
        guard let version = object.metadata.resourceVersion else {
            throw .invalidResponse(reason: "it returned a config without a version")
        }
        return ConfigRecord(document: document, version: version)
    }
}
