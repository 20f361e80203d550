import Foundation

extension ClusterState {
    /// Creates a namespace unless it exists.
    mutating func ensureNamespace(_ name: String, now: Date) throws(StatusError) {
        guard object(ResourceDefinition.namespaces, namespace: nil, name: name) == nil else { return }
        var namespace: Value = [
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": [
                "name": .string(name), "uid": .string(UUID().uuidString.lowercased()),
                "creationTimestamp": .string(now.timestamp),
            ],
        ]
        namespace.prepare(as: .namespace)
        try store(namespace, as: ResourceDefinition.namespaces)
    }

    /// Whether a namespace is being deleted.
    var hasTerminatingNamespaces: Bool {
        table(ResourceDefinition.namespaces).objects(in: "").contains { $0.object.value.isBeingDeleted }
    }

    /// Empties the namespaces that are being deleted, and removes those that are empty.
    ///
    /// An object with finalizers stays, marked, and so does its namespace.
    mutating func emptyTerminatingNamespaces(now: Date) throws(StatusError) {
        let namespaces = table(ResourceDefinition.namespaces).objects(in: "").map(\.object)
        for namespace in namespaces where namespace.value.isBeingDeleted {
            var isEmpty = true
            for resource in Array(tables.keys) {
                for object in table(resource).objects(in: namespace.value.name).map(\.object) {
                    guard !object.value.finalizers.isEmpty else {
                        try take(object, from: resource)
                        continue
                    }
                    isEmpty = false
                    guard !object.value.isBeingDeleted else { continue }
                    var marked = object.value
                    marked.set(.string(now.timestamp), at: "metadata", "deletionTimestamp")
                    try store(marked, as: resource)
                }
            }
            if isEmpty, namespace.value.finalizers.isEmpty {
                remove(namespace, from: ResourceDefinition.namespaces)
            }
        }
    }
}
