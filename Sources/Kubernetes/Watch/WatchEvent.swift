/// What identifies an object of one kind: its namespace and name.
public struct ObjectKey: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The namespace; `nil` for kinds that live in none.
    public let namespace: String?
    /// The name.
    public let name: String

    /// The key of that object.
    public init(namespace: String?, name: String) {
        self.namespace = namespace
        self.name = name
    }

    /// By namespace, then name, as the API server orders lists.
    public static func < (left: ObjectKey, right: ObjectKey) -> Bool {
        (left.namespace ?? "", left.name) < (right.namespace ?? "", right.name)
    }

    /// `namespace/name`, or the name alone.
    public var description: String { namespace.map { "\($0)/\(name)" } ?? name }
}

/// What a watch tells of the objects of one kind.
///
/// A value is what the watch's projection made of an object; a failure is an object that exists and that its view or
/// the projection cannot read.
public enum WatchEvent<Value: Sendable>: Sendable {
    /// These are all objects: what is not among them does not exist, or is not selected.
    ///
    /// The first event, and again whenever changes may have been missed.
    case reset([ObjectKey: Result<Value, KubernetesError>])
    /// An object was created or changed, or came into the selection.
    case applied(ObjectKey, Result<Value, KubernetesError>)
    /// An object was removed, or left the selection; the value is its last state *in the selection*.
    ///
    /// Whoever needs the state with which it left reads the object.
    case deleted(ObjectKey, Result<Value, KubernetesError>)
    /// The watch is connected, and the server has sent what happened up to about now.
    ///
    /// It comes when the watch is opened, and about once a minute while nothing happens (a bookmark).
    case live
    /// The watch is not connected: it tries again by itself, and what follows may be late.
    case interrupted(KubernetesError)
}
