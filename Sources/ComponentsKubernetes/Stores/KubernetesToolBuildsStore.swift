public import Components
import JSON
public import Kubernetes
public import Logging

/// The newest good builds of tools as `ToolBuilds` objects, one in each tool's namespace.
public struct KubernetesToolBuildsStore: ToolBuildsStore {
    private let client: KubernetesClient
    private let logger: Logger

    /// The store in that cluster.
    public init(client: KubernetesClient, logger: Logger) {
        self.client = client
        self.logger = logger
    }

    /// Reads the tool's object.
    ///
    /// One that is being deleted counts as gone.
    public func readBuilds(of tool: ToolName) async throws(ClusterFailure) -> StoredToolBuilds? {
        let object = try await logger.clusterRead("read good builds", ["tool": "\(tool)"]) {
            () throws(KubernetesError) in
            try await objects(of: tool).getIfPresent(tool.buildsName)
        }
        guard let object, !object.metadata.isBeingDeleted, let version = object.metadata.resourceVersion else {
            return nil
        }
        return StoredToolBuilds(builds: object.builds, version: version)
    }

    /// Creates the object, or replaces its `spec` as a whole, only in the version that was read.
    ///
    /// A repeat after a lost response is refused as a conflict: whoever reads again finds what is stored.
    public func writeBuilds(
        _ builds: ToolBuilds, over stored: StoredToolBuilds?, of tool: ToolName
    ) async throws(ClusterFailure) {
        let wanted = ToolBuildsObject(name: tool.buildsName, builds)
        try await logger.clusterCall("store good builds", ["tool": "\(tool)"]) { () throws(KubernetesError) in
            guard let stored else {
                _ = try await objects(of: tool).create(wanted, isRepeatable: true)
                return
            }
            _ = try await objects(of: tool).jsonPatch(
                tool.buildsName,
                [.replace("/metadata/resourceVersion", .string(stored.version)), .add("/spec", wanted.spec)])
        }
    }

    private func objects(of tool: ToolName) -> ResourceClient<ToolBuildsObject> {
        client.resources(ToolBuildsObject.self, namespace: tool.namespace)
    }
}
