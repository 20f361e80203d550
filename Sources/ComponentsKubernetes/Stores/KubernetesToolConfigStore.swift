public import Components
import Foundation
public import JSON
public import Kubernetes
public import Logging

/// Configs as `ToolConfig` objects, one in each tool's namespace.
public struct KubernetesToolConfigStore: ToolConfigStore {
    private let client: KubernetesClient
    private let logger: Logger

    /// The store in that cluster.
    public init(client: KubernetesClient, logger: Logger) {
        self.client = client
        self.logger = logger
    }

    /// The config as it was given: the object's `spec`.
    public func read(_ tool: ToolName) async throws(ClusterFailure) -> ConfigRecord? {
        let object = try await logger.clusterRead("read config", ["tool": "\(tool)"]) { () throws(KubernetesError) in
            try await configs(of: tool).getIfPresent(tool.configName)
        }
        guard let object, !object.metadata.isBeingDeleted else { return nil }
        return try record(of: object)
    }

    /// Replaces `spec` as a whole, in one call; creates the object if there is none yet.
    public func write(
        _ document: JSONValue, for tool: ToolName, if precondition: ConfigPrecondition = .none
    ) async throws(ClusterFailure) -> ConfigWrite {
        let writer = ConfigWriter(configs: configs(of: tool), name: tool.configName, document: document)
        let outcome = try await logger.clusterCall("write config", ["tool": "\(tool)"]) {
            () throws(KubernetesError) in
            try await writer.write(if: precondition)
        }
        switch outcome {
        case .stored(let object):
            // It was changed, but it goes: nothing is stored.
            guard !object.metadata.isBeingDeleted else { throw .terminating }
            return .stored(try record(of: object))
        case .refused(let failure): return .refused(failure)
        }
    }

    /// How often the stored object is read again when it changed between the read and the removal.
    private static let removalAttempts = 6

    /// Deletes the object only in the version for which the precondition was checked.
    public func remove(
        _ tool: ToolName, if precondition: ConfigPrecondition = .none
    ) async throws(ClusterFailure) -> ConfigRemoval {
        try await logger.clusterCall("remove config", ["tool": "\(tool)"]) { () throws(KubernetesError) in
            let configs = configs(of: tool)
            for _ in 0..<Self.removalAttempts {
                guard let object = try await configs.getIfPresent(tool.configName) else { return .absent }
                let version = object.metadata.resourceVersion
                if let failure = precondition.failure(for: version) { return .refused(failure) }
                let removed = ConfigRemoval.removed(
                    ConfigRecord(document: object.document ?? .null, version: version ?? ""))
                do throws(KubernetesError) {
                    try await configs.delete(
                        tool.configName,
                        preconditions: DeletePreconditions(uid: object.metadata.uid, resourceVersion: version))
                    return removed
                } catch let error where error.isNotFound {
                    // An attempt whose response was lost may have removed it.
                    return error.mayHaveBeenApplied ? removed : .absent
                } catch let error where error.isConflict {
                    continue
                }
            }
            throw KubernetesError(.conflict, "the config was changed again and again between the read and the removal")
        }
    }

    /// Asks for the tool's namespace.
    public func toolExists(_ tool: ToolName) async throws(ClusterFailure) -> Bool {
        try await logger.clusterRead("read namespace", ["tool": "\(tool)"]) { () throws(KubernetesError) in
            try await client.resources(Namespace.self).getIfPresent(tool.namespace) != nil
        }
    }

    /// Asks which resources the service's group has.
    public func checkReadiness() async throws(ClusterFailure) {
        let path = CustomResources.toolConfig.groupPath
        let answer = try await logger.clusterRead("discover", [:]) { () throws(KubernetesError) in
            do throws(KubernetesError) {
                return try await client.getJSON(path: path)
            } catch let error where error.isNotFound {
                // A cluster without the group does not have its resources either.
                return .null
            }
        }
        let served = (answer["resources"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
        for definition in [CustomResources.toolConfig, CustomResources.toolDeployment]
        where !served.contains(definition.plural) {
            throw .failed(
                reason: "the cluster does not know \(definition.qualifiedName): install the CRDs of chart/crds")
        }
    }

    private func configs(of tool: ToolName) -> ResourceClient<ToolConfigObject> {
        client.resources(ToolConfigObject.self, namespace: tool.namespace)
    }

    private func record(of object: ToolConfigObject) throws(ClusterFailure) -> ConfigRecord {
        guard let document = object.document, document.objectValue != nil else {
            throw .unreadable(reason: "it has no spec that is a mapping")
        }
        guard let version = object.metadata.resourceVersion else {
            throw .invalidResponse(reason: "it returned a config without a version")
        }
        return ConfigRecord(document: document, version: version)
    }
}
