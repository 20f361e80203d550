import Foundation

/// Where an object lies in the store.
struct ObjectKey: Hashable, Sendable {
    let resource: GroupResource
    let namespace: String
    let name: String
}

/// Who owns whom, and which objects the garbage collector has to look into.
struct OwnershipIndex: Sendable {
    /// The objects that name an owner, by its uid.
    private var dependents: [String: Set<ObjectKey>] = [:]
    private(set) var queue: [ObjectKey] = []

    var isEmpty: Bool { queue.isEmpty }

    func dependents(of uid: String) -> [ObjectKey] {
        (dependents[uid] ?? []).sorted {
            ($0.resource.resource, $0.namespace, $0.name) < ($1.resource.resource, $1.namespace, $1.name)
        }
    }

    mutating func enqueue(_ key: ObjectKey) { if !queue.contains(key) { queue.append(key) } }

    mutating func next() -> ObjectKey? { queue.isEmpty ? nil : queue.removeFirst() }

    /// Takes a change into account; `nil` stands for an object that does not exist before or after it.
    mutating func note(_ key: ObjectKey, from old: Value?, to new: Value?) {
        let (before, after) = (old?.owners ?? [], new?.owners ?? [])
        for uid in before.subtracting(after) {
            dependents[uid]?.remove(key)
            if dependents[uid]?.isEmpty == true { dependents[uid] = nil }
        }
        for uid in after.subtracting(before) { dependents[uid, default: []].insert(key) }
        if !after.isEmpty, old == nil { enqueue(key) }
        guard let object = new else {
            // The owners that waited for it, and the objects that it owned.
            for reference in old?.ownerReferences ?? [] {
                if let owner = OwnerReference(reference).key(in: key.namespace) { enqueue(owner) }
            }
            if let old { for dependent in dependents(of: old.uid) { enqueue(dependent) } }
            return
        }
        if object.isBeingDeleted,
            object.finalizers.contains(where: { PropagationPolicy.finalizers.contains($0.string ?? "") })
        {
            enqueue(key)
        }
    }
}

/// One of an object's `ownerReferences`.
struct OwnerReference: Sendable {
    let apiVersion: String
    let kind: String
    let name: String
    let uid: String
    let blocksDeletion: Bool

    init(_ value: Value) {
        apiVersion = value["apiVersion"]?.string ?? ""
        kind = value["kind"]?.string ?? ""
        name = value["name"]?.string ?? ""
        uid = value["uid"]?.string ?? ""
        blocksDeletion = value["blockOwnerDeletion"]?.bool ?? false
    }

    private var group: String { apiVersion.contains("/") ? String(apiVersion.prefix { $0 != "/" }) : "" }

    /// The owner in the same namespace.
    ///
    /// The plural is the kind's name in lower case with an `s`, as for all kinds here.
    func key(in namespace: String) -> ObjectKey? {
        guard !kind.isEmpty, !name.isEmpty else { return nil }
        return ObjectKey(
            resource: GroupResource(group: group, resource: kind.lowercased() + "s"), namespace: namespace, name: name)
    }
}

extension Value {
    fileprivate var ownerReferences: [Value] { at("metadata", "ownerReferences")?.array ?? [] }
    fileprivate var owners: Set<String> { Set(ownerReferences.compactMap { $0["uid"]?.string }) }
}

extension ClusterState {
    /// Does what the garbage collector would: deletes objects without owners, and completes foreground and orphaning
    /// deletions.
    mutating func collectGarbage(now: Date) throws(StatusError) {
        while let key = nextToCollect() {
            guard let definition = definitions[key.resource],
                let object = object(key.resource, namespace: key.namespace, name: key.name)
            else { continue }
            if object.value.isBeingDeleted {
                try completeDeletion(of: object, definition, now: now)
            } else {
                try deleteIfUnowned(object, definition, now: now)
            }
        }
    }

    private mutating func completeDeletion(
        of object: StoredObject, _ definition: ResourceDefinition, now: Date
    ) throws(StatusError) {
        let finalizers = object.value.finalizers.compactMap(\.string)
        let dependents = ownership.dependents(of: object.value.uid)
        if finalizers.contains("orphan") {
            for key in dependents {
                guard let dependent = self.object(key.resource, namespace: key.namespace, name: key.name) else {
                    continue
                }
                try dropReferences(of: dependent, key.resource) { $0.uid == object.value.uid }
            }
            try dropFinalizer("orphan", of: object, definition)
        } else if finalizers.contains("foregroundDeletion") {
            let isBlocked = dependents.contains { key in
                let dependent = self.object(key.resource, namespace: key.namespace, name: key.name)
                return (dependent?.value.ownerReferences ?? []).map(OwnerReference.init)
                    .contains { $0.uid == object.value.uid && $0.blocksDeletion }
            }
            if isBlocked {
                for key in dependents {
                    guard let dependent = self.object(key.resource, namespace: key.namespace, name: key.name),
                        !dependent.value.isBeingDeleted, let definition = definitions[key.resource]
                    else { continue }
                    try deleteIfUnowned(dependent, definition, now: now)
                }
            } else {
                try dropFinalizer("foregroundDeletion", of: object, definition)
            }
        }
    }

    private mutating func deleteIfUnowned(
        _ object: StoredObject, _ definition: ResourceDefinition, now: Date
    ) throws(StatusError) {
        let references = object.value.ownerReferences.map(OwnerReference.init)
        guard !references.isEmpty else { return }
        var (solid, waiting) = (0, 0)
        for reference in references {
            guard let key = reference.key(in: object.value.namespace ?? ""),
                let owner = self.object(key.resource, namespace: key.namespace, name: key.name)
                    ?? self.object(key.resource, namespace: nil, name: key.name), owner.value.uid == reference.uid
            else { continue }
            let isWaiting = owner.value.isBeingDeleted && owner.value.finalizers.contains("foregroundDeletion")
            (solid, waiting) = isWaiting ? (solid, waiting + 1) : (solid + 1, waiting)
        }
        guard solid == 0 else { return }
        var options = DeleteOptions()
        if waiting > 0, !ownership.dependents(of: object.value.uid).isEmpty {
            options.policy = .foreground
        } else if !object.value.finalizers.contains(where: { PropagationPolicy.finalizers.contains($0.string ?? "") }) {
            options.policy = .background
        }
        try delete(object, of: definition, options, now: now)
    }

    private mutating func dropReferences(
        of object: StoredObject, _ resource: GroupResource, where isDropped: (OwnerReference) -> Bool
    ) throws(StatusError) {
        let kept = object.value.ownerReferences.filter { !isDropped(OwnerReference($0)) }
        var value = object.value
        value.set(kept.isEmpty ? nil : .array(kept), at: "metadata", "ownerReferences")
        if value != object.value { try store(value, as: resource) }
    }

    private mutating func dropFinalizer(
        _ finalizer: String, of object: StoredObject, _ definition: ResourceDefinition
    ) throws(StatusError) {
        var value = object.value
        let kept = value.finalizers.filter { $0.string != finalizer }
        value.set(kept.isEmpty ? nil : .array(kept), at: "metadata", "finalizers")
        let stored = try store(value, as: definition.groupResource)
        let grace = value.at("metadata", "deletionGracePeriodSeconds")?.int ?? 0
        if kept.isEmpty, definition.origin != .namespace, grace == 0 {
            try take(stored, from: definition.groupResource)
        }
    }
}
