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

    fileprivate var json: JSONValue {
        var object = JSONObject()
        object["uid"] = uid.map(JSONValue.string)
        object["resourceVersion"] = resourceVersion.map(JSONValue.string)
        return .object(object)
    }
}

/// What becomes of the objects that a removed object owns (`propagationPolicy`).
public enum DeletePropagation: String, Sendable {
    /// The object is removed at once, and what it owns soon after.
    case background = "Background"
    /// What it owns is removed first; until then the object exists, with a `deletionTimestamp`.
    case foreground = "Foreground"
    /// What it owns stays, without the reference to it.
    case orphan = "Orphan"
}

/// How a removal was answered.
public enum Deletion: Sendable, Equatable {
    /// The object is gone.
    case removed
    /// The object still exists: it waits for its finalizers, for what it owns, or for its pod's containers to end.
    case removing
}

/// The body of a removal (`metav1.DeleteOptions`).
struct DeleteOptions: Sendable, Equatable {
    var preconditions = DeletePreconditions.none
    var propagation = DeletePropagation.background

    var json: JSONValue {
        var options: JSONObject = [
            "kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": .string(propagation.rawValue),
        ]
        if !preconditions.isEmpty { options["preconditions"] = preconditions.json }
        return .object(options)
    }
}
