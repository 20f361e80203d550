public import Foundation
public import JSON

/// The metadata that every object has (`metav1.ObjectMeta`), as far as a client acts on it.
///
/// Nothing else is kept: `managedFields` and the like belong to the server, and a replacement may leave them out.
public struct ObjectMetadata: Sendable, Equatable {
    /// The name; `nil` only before a creation under `generateName`.
    public var name: String?
    /// What the server makes a name from, when a new object has none.
    public var generateName: String?
    /// The namespace; `nil` for kinds that live in none, and where the request's path says it.
    public var namespace: String?
    /// What tells an object from all others of the same name, before and after it.
    public var uid: String?
    /// The version to compare and swap with; opaque.
    public var resourceVersion: String?
    /// The server's count of changes of the object's contents.
    public var generation: Int64?
    /// When the server created it, to the second.
    public var creationTimestamp: Date?
    /// When its removal was requested; an object that waits for its finalizers still exists.
    public var deletionTimestamp: Date?
    /// What it can be selected by.
    public var labels: [String: String]
    /// What else is noted of it.
    public var annotations: [String: String]
    /// The objects that it belongs to.
    public var ownerReferences: [OwnerReference]
    /// The finalizers that keep it after its removal was requested.
    public var finalizers: [String]

    /// The metadata of a new object.
    public init(
        name: String? = nil, generateName: String? = nil, namespace: String? = nil, resourceVersion: String? = nil,
        labels: [String: String] = [:], annotations: [String: String] = [:], ownerReferences: [OwnerReference] = [],
        finalizers: [String] = []
    ) {
        self.name = name
        self.generateName = generateName
        self.namespace = namespace
        self.resourceVersion = resourceVersion
        self.labels = labels
        self.annotations = annotations
        self.ownerReferences = ownerReferences
        self.finalizers = finalizers
    }
}

extension ObjectMetadata {
    /// Reads an object's `metadata`.
    ///
    /// - Throws: `KubernetesError` with the code `invalidResponse` if it is no object or one of its members is of another
    ///   type than Kubernetes gives it. A member that is absent or `null` is no error.
    public init(json: JSONValue) throws(KubernetesError) {
        guard let object = json.objectValue else {
            throw KubernetesError(.invalidResponse, "metadata is \(json.kindDescription), not a mapping")
        }
        self.init(
            name: try object.string("name"), generateName: try object.string("generateName"),
            namespace: try object.string("namespace"), resourceVersion: try object.string("resourceVersion"),
            labels: try object.strings("labels"), annotations: try object.strings("annotations"))
        uid = try object.string("uid")
        generation = object["generation"]?.intValue
        creationTimestamp = try object.time("creationTimestamp")
        deletionTimestamp = try object.time("deletionTimestamp")
        ownerReferences = (object["ownerReferences"]?.arrayValue ?? []).compactMap(OwnerReference.init(json:))
        finalizers = (object["finalizers"]?.arrayValue ?? []).compactMap(\.stringValue)
    }

    /// The metadata as it is sent: what the server alone sets (uid, times, generation) is left out.
    public var json: JSONValue {
        var object = JSONObject()
        object["name"] = name.map(JSONValue.string)
        object["generateName"] = generateName.map(JSONValue.string)
        object["namespace"] = namespace.map(JSONValue.string)
        object["resourceVersion"] = resourceVersion.map(JSONValue.string)
        if !labels.isEmpty { object["labels"] = labels.json }
        if !annotations.isEmpty { object["annotations"] = annotations.json }
        if !ownerReferences.isEmpty { object["ownerReferences"] = .array(ownerReferences.map(\.json)) }
        if !finalizers.isEmpty { object["finalizers"] = .array(finalizers.map(JSONValue.string)) }
        return .object(object)
    }
}

extension [String: String] {
    /// The entries as a JSON object, in the order of their names, so that the same entries are the same bytes.
    fileprivate var json: JSONValue {
        .object(JSONObject(sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
    }
}

extension JSONObject {
    /// A member that is a string, or `nil` if it is absent or `null`.
    fileprivate func string(_ key: String) throws(KubernetesError) -> String? {
        switch self[key] {
        case nil, .null: nil
        case .string(let text): text
        case let other?: throw .unexpected(other, at: key, wanted: "a string")
        }
    }

    fileprivate func strings(_ key: String) throws(KubernetesError) -> [String: String] {
        switch self[key] {
        case nil, .null: return [:]
        case .object(let object):
            var entries: [String: String] = [:]
            for (name, value) in object.members {
                guard let text = value.stringValue else { throw .unexpected(value, at: key, wanted: "text alone") }
                entries[name] = text
            }
            return entries
        case let other?: throw .unexpected(other, at: key, wanted: "a mapping")
        }
    }

    fileprivate func time(_ key: String) throws(KubernetesError) -> Date? {
        guard let text = try string(key) else { return nil }
        guard let date = Timestamp.rfc3339(text) else {
            throw KubernetesError(.invalidResponse, "metadata.\(key) is not a time")
        }
        return date
    }
}

extension KubernetesError {
    fileprivate static func unexpected(_ value: JSONValue, at key: String, wanted: String) -> KubernetesError {
        KubernetesError(
            .invalidResponse, "metadata.\(key) is or holds \(value.kindDescription), where \(wanted) is expected")
    }
}
