/// The events that a watch gets, from one moment on.
struct WatchSubscription: Sendable {
    let events: AsyncStream<WatchEvent>
}

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
}
