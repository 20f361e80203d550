import JSON

/// What must hold for an object to be removed; otherwise the removal is refused as a conflict.
public struct DeletePreconditions: Sendable, Equatable {
    /// The object's uid: another object of the same name is not removed.
    public var uid: String?
    /// The object's version: an object that has changed is not removed.
    public var resourceVersion: String?

    /// Those preconditions.
    public init(uid: String? = nil, resourceVersion: String? = nil) {
        self.uid = uid
        self.resourceVersion = resourceVersion
    }

    /// No precondition: any object of that name is removed.
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
