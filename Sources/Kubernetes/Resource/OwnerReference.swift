public import JSON

/// The object that another belongs to, and with which it is removed.
///
/// Owners stand in the same namespace, or in none; the API server does not check it, and removes what breaks the rule.
public struct OwnerReference: Sendable, Hashable {
    /// The owner's `apiVersion`.
    public var apiVersion: String
    /// The owner's kind.
    public var kind: String
    /// The owner's name.
    public var name: String
    /// The owner's uid, which tells it from another of the same name.
    public var uid: String
    /// Whether this owner is the one that manages the object; at most one may.
    public var isController: Bool

    /// A reference to an owner.
    public init(apiVersion: String, kind: String, name: String, uid: String, isController: Bool = false) {
        self.apiVersion = apiVersion
        self.kind = kind
        self.name = name
        self.uid = uid
        self.isController = isController
    }

    init?(json: JSONValue) {
        guard let apiVersion = json["apiVersion"]?.stringValue, let kind = json["kind"]?.stringValue,
            let name = json["name"]?.stringValue, let uid = json["uid"]?.stringValue
        else { return nil }
        self.init(
            apiVersion: apiVersion, kind: kind, name: name, uid: uid,
            isController: json["controller"]?.boolValue ?? false)
    }

    /// The reference as it stands in an object.
    public var json: JSONValue {
        var object: JSONObject = [
            "apiVersion": .string(apiVersion), "kind": .string(kind), "name": .string(name), "uid": .string(uid),
        ]
        if isController { object["controller"] = true }
        return .object(object)
    }
}
