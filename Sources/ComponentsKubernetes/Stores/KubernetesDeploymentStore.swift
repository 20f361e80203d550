public import Components
import JSON
public import Kubernetes
public import Logging

public import struct Foundation.Date

/// Deployments as `ToolDeployment` objects in the tools' namespaces.
public struct KubernetesDeploymentStore: DeploymentStore, DeploymentIndex {
    private let client: KubernetesClient
    private let logger: Logger

    /// The store in that cluster.
    public init(client: KubernetesClient, logger: Logger) {
        self.client = client
        self.logger = logger
    }

    /// The record of that id.
    public func read(_ id: String, of tool: ToolName) async throws(ClusterFailure) -> DeploymentRecord? {
        let object = try await logger.clusterRead("read deployment", ["tool": "\(tool)", "deployment": "\(id)"]) {
            () throws(KubernetesError) in
            try await deployments(of: tool).getIfPresent(id)
        }
        guard let object, !object.metadata.isBeingDeleted else { return nil }
        return try object.record(of: tool)
    }

    /// The names, as metadata alone: the API server reads no `spec` and no `status` for it.
    public func list(_ tool: ToolName) async throws(ClusterFailure) -> [DeploymentEntry] {
        let objects = try await logger.clusterRead("list deployments", ["tool": "\(tool)"]) {
            () throws(KubernetesError) in
            try await deployments(of: tool).listMetadata()
        }
        return objects.filter { !$0.metadata.isBeingDeleted }.map { object in
            let requestedAt = object.metadata.annotations[ToolDeploymentObject.requestedAtAnnotation]
            return DeploymentEntry(
                id: object.name,
                requestedAt: requestedAt.flatMap { Date(formattedWithMicroseconds: $0) }
                    ?? object.metadata.creationTimestamp ?? .distantPast,
                identity: object.metadata.uid ?? "")
        }
    }

    /// The names in all namespaces of tools, as metadata alone.
    public func listAll() async throws(ClusterFailure) -> [DeploymentIdentity: Date] {
        let all = try await logger.clusterRead("list all deployments", [:]) { () throws(KubernetesError) in
            try await client.resources(ToolDeploymentObject.self).listMetadata { metadata in
                let key = ObjectKey(namespace: metadata.namespace, name: metadata.name ?? "")
                return DeploymentIdentity(key).map { ($0, metadata.creationTimestamp ?? .distantPast) }
            }
        }
        return Dictionary(all) { first, _ in first }
    }

    /// The whole objects; one that is no record is named alone.
    public func listRecords(_ tool: ToolName) async throws(ClusterFailure) -> [ListedRecord] {
        let list = try await logger.clusterRead("list deployments", ["tool": "\(tool)"]) { () throws(KubernetesError) in
            try await deployments(of: tool).list()
        }
        let read = list.items.filter { !$0.metadata.isBeingDeleted }.compactMap { object -> ListedRecord? in
            guard let name = object.metadata.name else { return nil }
            let record = try? object.record(of: tool)
            let entry = DeploymentEntry(
                id: name, requestedAt: object.metadata.creationTimestamp ?? .distantPast,
                identity: object.metadata.uid ?? "")
            return ListedRecord(entry: record?.entry ?? entry, record: record)
        }
        let unreadable = list.unreadable.compactMap(\.name).map { name in
            ListedRecord(entry: DeploymentEntry(id: name, requestedAt: .distantPast, identity: ""), record: nil)
        }
        return read + unreadable
    }

    /// Creates the object; the echo of this call's own creation whose response was lost counts as that creation.
    public func create(_ request: DeploymentRequest) async throws(ClusterFailure) -> DeploymentRecord {
        let tool = request.identity.tool
        let wanted = ToolDeploymentObject(request)
        let created = try await call("create deployment", request.identity.id, tool) { () throws(KubernetesError) in
            do throws(KubernetesError) {
                return try await deployments(of: tool).create(wanted, isRepeatable: true)
            } catch let error where error.mayHaveBeenApplied {
                // The attempt whose response was lost may have stored it, whatever the next one was answered: the name is
                // taken by it, or a quota is full with it.
                guard let present = try? await deployments(of: tool).getIfPresent(request.identity.id),
                    present.spec == wanted.spec
                else { throw error }
                return present
            }
        }
        return try created.record(of: tool)
    }

    /// Merges the status, only into the version that was read; the echo of this call's own update whose response was lost
    /// counts as that update.
    public func update(_ record: DeploymentRecord, to status: DeploymentStatus) async throws(ClusterFailure)
        -> DeploymentRecord
    {
        let tool = record.request.identity.tool
        let id = record.request.identity.id
        // The version makes it a compare and swap. Builds are only ever added or changed, so a merge is a replacement.
        let wanted = ToolDeploymentObject.json(status, of: record.request)
        let patch: JSONValue = ["metadata": ["resourceVersion": .string(record.version)], "status": wanted]
        let updated = try await call("update deployment", id, tool) { () throws(KubernetesError) in
            do throws(KubernetesError) {
                // What a custom resource of an earlier version does not know is left out: its deployments end all the same.
                return try await deployments(of: tool).mergePatchStatus(id, patch, fieldValidation: .ignore)
            } catch let error where error.isConflict && error.mayHaveBeenApplied {
                let present = try await deployments(of: tool).get(id)
                let stored = try? ToolDeploymentObject.status(present.status)
                guard present.metadata.uid == record.identity,
                    stored.map({ ToolDeploymentObject.json($0, of: record.request) }) == wanted
                else { throw error }
                return present
            }
        }
        // The update was stored, but in an object that goes: nobody will read it.
        guard !updated.metadata.isBeingDeleted else { throw .absent }
        return try updated.record(of: tool)
    }

    /// Deletes that very object.
    public func remove(_ entry: DeploymentEntry, of tool: ToolName, at version: String?) async throws(ClusterFailure) {
        do {
            try await call("delete deployment", entry.id, tool) { () throws(KubernetesError) in
                _ = try await deployments(of: tool).delete(
                    entry.id, preconditions: DeletePreconditions(uid: entry.identity, resourceVersion: version))
            }
        } catch .absent {
            return
        }
    }

    private func deployments(of tool: ToolName) -> ResourceClient<ToolDeploymentObject> {
        client.resources(ToolDeploymentObject.self, namespace: tool.namespace)
    }

    private func call<Output>(
        _ what: StaticString, _ id: String, _ tool: ToolName, _ call: () async throws(KubernetesError) -> Output
    ) async throws(ClusterFailure) -> Output {
        try await logger.clusterCall(what, ["tool": "\(tool)", "deployment": "\(id)"], call)
    }
}
