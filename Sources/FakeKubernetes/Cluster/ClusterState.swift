import Foundation

/// The whole state of the cluster, as a value that operations change.
struct ClusterState: Sendable {
    /// The largest object that etcd stores, in bytes of JSON.
    static let storageLimit = 1_572_864

    private(set) var resourceVersion: Int64 = 1_000
    private(set) var tables: [GroupResource: ObjectTable] = [:]
    var definitions: [GroupResource: ResourceDefinition] = [:]
    /// The latest changes, for watches that start in the past.
    private(set) var history: [WatchEvent] = []
    private var watchers: [AsyncStream<WatchEvent>.Continuation] = []
    private(set) var ownership = OwnershipIndex()
    /// What the containers of pods have written; it goes with the pods.
    let logs: PodLogs

    /// The oldest version from which a watch can start.
    private(set) var oldestVersion: Int64 = 1_000
    private static let historyLimit = 5_000

    init(logs: PodLogs) {
        self.logs = logs
        for definition in ResourceDefinition.builtIn { definitions[definition.groupResource] = definition }
    }

    func table(_ resource: GroupResource) -> ObjectTable { tables[resource] ?? ObjectTable() }

    func object(_ resource: GroupResource, namespace: String?, name: String) -> StoredObject? {
        tables[resource]?[namespace ?? "", name]
    }

    /// Stores an object under the next version, and publishes the event.
    ///
    /// - Throws: `StatusError.tooLargeForStorage`; then nothing has changed.
    @discardableResult
    mutating func store(_ value: Value, as resource: GroupResource) throws(StatusError) -> StoredObject {
        var value = value
        value.set(.string(String(resourceVersion + 1)), at: "metadata", "resourceVersion")
        let stored = StoredObject(value, resourceVersion: resourceVersion + 1)
        guard stored.bytes.count <= Self.storageLimit else { throw .tooLargeForStorage }
        resourceVersion += 1
        let namespace = value.namespace ?? ""
        let old = tables[resource]?[namespace, value.name]
        tables[resource, default: ObjectTable()][namespace, value.name] = stored
        let key = ObjectKey(resource: resource, namespace: namespace, name: value.name)
        ownership.note(key, from: old?.value, to: value)
        publish(WatchEvent(change: old == nil ? .added : .modified, resource: resource, object: stored, old: old))
        return stored
    }

    /// Removes an object; the event has a version of its own.
    mutating func remove(_ object: StoredObject, from resource: GroupResource) {
        resourceVersion += 1
        tables[resource]?[object.value.namespace ?? "", object.value.name] = nil
        var last = object.value
        last.set(.string(String(resourceVersion)), at: "metadata", "resourceVersion")
        let key = ObjectKey(resource: resource, namespace: object.value.namespace ?? "", name: object.value.name)
        ownership.note(key, from: object.value, to: nil)
        if resource == ResourceDefinition.pods { logs.remove(podUID: object.value.uid) }
        publish(
            WatchEvent(
                change: .deleted, resource: resource, object: StoredObject(last, resourceVersion: resourceVersion),
                old: object))
    }

    mutating func nextToCollect() -> ObjectKey? { ownership.next() }

    mutating func enqueueForCollection(_ key: ObjectKey) { ownership.enqueue(key) }

    private mutating func publish(_ event: WatchEvent) {
        history.append(event)
        if history.count > Self.historyLimit * 2 {
            history.removeFirst(Self.historyLimit)
            oldestVersion = history[0].object.resourceVersion - 1
        }
        // Watchers that are gone are removed with the next event.
        watchers.removeAll { watcher in
            if case .terminated = watcher.yield(event) { true } else { false }
        }
    }

    /// Sends every event from now on to a watcher.
    mutating func subscribe(_ watcher: AsyncStream<WatchEvent>.Continuation) { watchers.append(watcher) }
}

extension Date {
    /// The time as in objects: UTC, whole seconds.
    var timestamp: String { formatted(.iso8601) }
}
