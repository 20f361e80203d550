/// An object as it lies in the store.
struct StoredObject: Sendable {
    let value: Value
    /// `value` as the wire has it: most requests are answered with it as it is.
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
    /// Those that keep the object from going.
    var finalizers: [Value] { at("metadata", "finalizers")?.array ?? [] }
    var isBeingDeleted: Bool { at("metadata", "deletionTimestamp") != nil }
}
