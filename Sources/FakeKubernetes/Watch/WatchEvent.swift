/// A change of one object.
struct WatchEvent: Sendable {
    enum Change: String, Sendable {
        case added = "ADDED"
        case modified = "MODIFIED"
        case deleted = "DELETED"
    }

    let change: Change
    let resource: GroupResource
    let object: StoredObject
    /// The object before; `nil` for one that is new.
    let old: StoredObject?

    /// The event as a watch with selectors sees it.
    ///
    /// An object that leaves the selection arrives as `DELETED`, in its old state with the new resourceVersion.
    func selected(by selection: ObjectSelection) -> (change: Change, object: StoredObject)? {
        let isIn = change != .deleted && selection.matches(object)
        let wasIn = old.map { selection.matches($0) } ?? false
        switch (wasIn, isIn) {
        case (true, true): return (.modified, object)
        case (false, true): return (.added, object)
        case (true, false): return (.deleted, change == .deleted ? object : last)
        case (false, false): return nil
        }
    }

    /// The object before the change, with the change's resourceVersion.
    private var last: StoredObject {
        var value = old?.value ?? object.value
        value.set(.string(String(object.resourceVersion)), at: "metadata", "resourceVersion")
        return StoredObject(value, resourceVersion: object.resourceVersion)
    }
}
