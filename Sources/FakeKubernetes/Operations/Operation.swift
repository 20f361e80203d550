import Foundation

/// What an operation works with beside the state: the request, the kind it is about, and the world outside.
struct Operation: Sendable {
    let call: APICall
    let definition: ResourceDefinition
    let version: ResourceDefinition.Version
    let now: Date

    var resource: GroupResource { definition.groupResource }
    /// The namespace in the table of objects.
    var namespace: String { definition.isNamespaced ? call.path.namespace ?? "" : "" }
    var name: String { call.path.name ?? "" }
    var isStatus: Bool { call.path.subresource == "status" }

    /// The object as this version shows it.
    func presented(_ object: StoredObject) -> Value {
        guard definition.versions.count > 1 else { return object.value }
        var value = object.value
        value["apiVersion"] = .string(definition.apiVersion(version))
        return value
    }

    /// An answer that is one object.
    func answer(_ object: StoredObject, status: Int = 200, isCommitted: Bool = false) -> APIAnswer {
        guard definition.versions.count > 1 else {
            return APIAnswer(status: status, body: object.bytes, isCommitted: isCommitted)
        }
        return APIAnswer(status: status, value: presented(object), isCommitted: isCommitted)
    }
}
