public import Components
import JSON
public import Kubernetes
public import Logging

/// The facts of deploy tokens as `DeployToken` objects, one in each tool's namespace.
public struct KubernetesDeployTokenStore: DeployTokenStore {
    private let client: KubernetesClient
    private let logger: Logger

    /// The store in that cluster.
    public init(client: KubernetesClient, logger: Logger) {
        self.client = client
        self.logger = logger
    }

    /// The facts of the tool's token.
    public func read(_ tool: ToolName) async throws(ClusterFailure) -> StoredDeployToken? {
        let object = try await logger.clusterRead("read deploy token", ["tool": "\(tool)"]) {
            () throws(KubernetesError) in
            try await tokens(of: tool).getIfPresent(tool.deployTokenName)
        }
        guard let object, !object.metadata.isBeingDeleted else { return nil }
        return try object.stored()
    }

    /// Creates the object; the echo of this call's own creation whose response was lost counts as that creation.
    public func create(_ token: DeployToken, for tool: ToolName) async throws(ClusterFailure) {
        let wanted = DeployTokenObject(name: tool.deployTokenName, token: token)
        try await write("create deploy token", wanted, of: tool) { () throws(KubernetesError) in
            try await tokens(of: tool).create(wanted, isRepeatable: true)
        }
    }

    /// Replaces `spec` as a whole, only in the version that was read.
    public func replace(
        _ stored: StoredDeployToken, by token: DeployToken, of tool: ToolName
    ) async throws(ClusterFailure) {
        let wanted = DeployTokenObject(name: tool.deployTokenName, token: token)
        let object = try await write("replace deploy token", wanted, of: tool) { () throws(KubernetesError) in
            try await tokens(of: tool).jsonPatch(
                tool.deployTokenName,
                [
                    .replace("/metadata/resourceVersion", .string(stored.version)),
                    .add("/spec", wanted.spec),
                ])
        }
        // It was changed, but it goes: nothing is stored.
        guard !object.metadata.isBeingDeleted else { throw .absent }
    }

    /// Deletes that object in that version.
    public func remove(_ stored: StoredDeployToken, of tool: ToolName) async throws(ClusterFailure) {
        try await logger.clusterCall("delete deploy token", ["tool": "\(tool)"]) { () throws(KubernetesError) in
            do throws(KubernetesError) {
                try await tokens(of: tool).delete(
                    tool.deployTokenName,
                    preconditions: DeletePreconditions(uid: stored.identity, resourceVersion: stored.version))
            } catch let error where error.isNotFound && error.mayHaveBeenApplied {
                // The attempt whose response was lost has removed it.
            }
        }
    }

    /// Makes a call that writes this object.
    ///
    /// A refusal after a lost response is none if what is stored is what was sent: its nonce is no other's.
    @discardableResult
    private func write(
        _ what: StaticString, _ wanted: DeployTokenObject, of tool: ToolName,
        _ call: () async throws(KubernetesError) -> DeployTokenObject
    ) async throws(ClusterFailure) -> DeployTokenObject {
        try await logger.clusterCall(what, ["tool": "\(tool)"]) { () throws(KubernetesError) in
            do throws(KubernetesError) {
                return try await call()
            } catch let error where error.mayHaveBeenApplied {
                guard let present = try? await tokens(of: tool).getIfPresent(tool.deployTokenName),
                    present.spec == wanted.spec
                else { throw error }
                return present
            }
        }
    }

    private func tokens(of tool: ToolName) -> ResourceClient<DeployTokenObject> {
        client.resources(DeployTokenObject.self, namespace: tool.namespace)
    }
}
