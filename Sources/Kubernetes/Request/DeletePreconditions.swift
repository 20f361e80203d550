import JSON

/// What must still be true of an object for its removal to happen; otherwise it is refused as a conflict.
public struct DeletePreconditions: Sendable, Equatable {
    /// The object's uid: another object of the same name is spared.
    public var uid: String?
    /// The object's version: one that has changed is spared.
    public var resourceVersion: String?

    /// Those preconditions.
    public init(uid: String? = nil, resourceVersion: String? = nil) {
        self.uid = uid
        self.resourceVersion = resourceVersion
    }

    /// No precondition: whatever has the name goes.
    public static let none = DeletePreconditions()

    /// Whether there is none.
    var isEmpty: Bool { uid == nil && resourceVersion == nil }

    var json: JSONValue {
        var object = JSONObject()
        object["uid"] = uid.map(JSONValue.string)
        object["resourceVersion"] = resourceVersion.map(JSONValue.string)
        return .object(object)
    }
}
