/// The objects of one kind, found by name without a scan and listed in the order of the real store's keys.
struct ObjectTable: Sendable {
    private struct Space: Sendable {
        var objects: [String: StoredObject] = [:]
        var names = SortedNames()
    }

    private var spaces: [String: Space] = [:]
    private var namespaces = SortedNames(suffix: "/")

    /// The object; kinds without namespaces lie in the namespace `""`.
    subscript(namespace: String, name: String) -> StoredObject? {
        get { spaces[namespace]?.objects[name] }
        set {
            var space = spaces.removeValue(forKey: namespace) ?? Space()
            let old = space.objects[name]
            space.objects[name] = newValue
            if old == nil, newValue != nil { space.names.insert(name) }
            if old != nil, newValue == nil { space.names.remove(name) }
            if space.objects.isEmpty {
                namespaces.remove(namespace)
            } else {
                spaces[namespace] = space
                namespaces.insert(namespace)
            }
        }
    }

    /// How many objects a namespace has.
    func count(in namespace: String) -> Int { spaces[namespace]?.objects.count ?? 0 }

    /// The objects of a namespace, or of all (`nil`), each with its key in the order of keys, from a key on.
    ///
    /// The key is the name, or `namespace/name` over all namespaces.
    func objects(in namespace: String?, from start: String = "") -> some Sequence<(key: String, object: StoredObject)> {
        let spaces = spaces
        let chosen = namespace.map { [$0] } ?? namespaces.all
        return chosen.lazy.flatMap { name -> [(key: String, object: StoredObject)] in
            guard let space = spaces[name] else { return [] }
            let prefix = namespace == nil && !name.isEmpty ? name + "/" : ""
            return space.names.all.compactMap { name in
                let key = prefix + name
                guard !key.isBeforeInBytes(start), let object = space.objects[name] else { return nil }
                return (key: key, object: object)
            }
        }
    }
}

/// Names in the order of their bytes, each once.
struct SortedNames: Sendable {
    private(set) var all: [String] = []
    /// What stands behind each name in a key, and so counts for the order.
    private let suffix: String

    init(suffix: String = "") { self.suffix = suffix }

    mutating func insert(_ name: String) {
        let index = index(of: name)
        if index == all.count || all[index] != name { all.insert(name, at: index) }
    }

    mutating func remove(_ name: String) {
        let index = index(of: name)
        if index < all.count, all[index] == name { all.remove(at: index) }
    }

    private func index(of name: String) -> Int {
        var low = 0
        var high = all.count
        let key = name + suffix
        while low < high {
            let middle = (low + high) / 2
            if (all[middle] + suffix).isBeforeInBytes(key) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// An object in the store.
struct StoredObject: Sendable {
    let value: Value
    /// `value` in JSON, which is the body of most responses.
    let bytes: [UInt8]
    let resourceVersion: Int64
    let labels: Members?

    init(_ value: Value, resourceVersion: Int64) {
        self.value = value
        bytes = value.serialized()
        self.resourceVersion = resourceVersion
        labels = value.at("metadata", "labels")?.object
    }
}

extension Value {
    var metadata: Value { self["metadata"] ?? [:] }
    var name: String { at("metadata", "name")?.string ?? "" }
    var namespace: String? { at("metadata", "namespace")?.string }
    var uid: String { at("metadata", "uid")?.string ?? "" }
    /// The finalizers that keep the object from being removed.
    var finalizers: [Value] { at("metadata", "finalizers")?.array ?? [] }
    var isBeingDeleted: Bool { at("metadata", "deletionTimestamp") != nil }
}
