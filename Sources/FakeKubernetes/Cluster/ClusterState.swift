import Foundation

/// Everything that the cluster knows; a value that operations change, without a lock of its own.
struct ClusterState: Sendable {
    /// What an object may weigh in etcd, as JSON: its limit for one request.
    static let storageLimit = 1_572_864

    private(set) var resourceVersion: Int64 = 1_000
    private(set) var tables: [GroupResource: ObjectTable] = [:]
    var definitions: [GroupResource: ResourceDefinition] = [:]
    /// The latest changes, for those who watch from a moment in the past.
    private(set) var history: [WatchEvent] = []
    private var watchers: [AsyncStream<WatchEvent>.Continuation] = []

    /// The oldest version from which a watch can start.
    private(set) var oldestVersion: Int64 = 1_000
    private static let historyLimit = 5_000

    init() {
        for definition in ResourceDefinition.builtIn { definitions[definition.groupResource] = definition }
    }

    func table(_ resource: GroupResource) -> ObjectTable { tables[resource] ?? ObjectTable() }

    func object(_ resource: GroupResource, namespace: String?, name: String) -> StoredObject? {
        tables[resource]?[namespace ?? "", name]
    }

    /// Stores an object under the next version, and tells those who watch.
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
        publish(WatchEvent(change: old == nil ? .added : .modified, resource: resource, object: stored, old: old))
        return stored
    }

    /// Takes an object out of the store; its last event bears a version of its own.
    mutating func remove(_ object: StoredObject, from resource: GroupResource) {
        resourceVersion += 1
        tables[resource]?[object.value.namespace ?? "", object.value.name] = nil
        var last = object.value
        last.set(.string(String(resourceVersion)), at: "metadata", "resourceVersion")
        publish(
            WatchEvent(
                change: .deleted, resource: resource, object: StoredObject(last, resourceVersion: resourceVersion),
                old: object))
    }

    private mutating func publish(_ event: WatchEvent) {
        history.append(event)
        if history.count > Self.historyLimit * 2 {
            history.removeFirst(Self.historyLimit)
            oldestVersion = history[0].object.resourceVersion - 1
        }
        // Whoever has gone is forgotten with the next event.
        watchers.removeAll { watcher in
            if case .terminated = watcher.yield(event) { true } else { false }
        }
    }

    /// Hands a watcher every event from now on.
    mutating func subscribe(_ watcher: AsyncStream<WatchEvent>.Continuation) { watchers.append(watcher) }
}

extension Date {
    /// The time as objects bear it: UTC, whole seconds.
    var timestamp: String { formatted(.iso8601) }
}
