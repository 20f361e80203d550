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

    /// The event as a watch of some of the objects sees it: what leaves the selection is deleted to it.
    func selected(by selection: ObjectSelection) -> (change: Change, object: StoredObject)? {
        let isIn = change != .deleted && selection.matches(object)
        let wasIn = old.map { selection.matches($0) } ?? false
        switch (wasIn, isIn) {
        case (true, true): return (.modified, object)
        case (false, true): return (.added, object)
        case (true, false): return (.deleted, object)
        case (false, false): return nil
        }
    }
}
