import Foundation

/// One request that reads or changes objects: what was asked, the kind it is about, the format of the response, and the time.
struct Operation: Sendable {
    let call: APICall
    let definition: ResourceDefinition
    let version: ResourceDefinition.Version
    let now: Date
    let format: ResponseFormat

    /// - Throws: `notAcceptable` if the client accepts no format that the server has.
    init(
        call: APICall, definition: ResourceDefinition, version: ResourceDefinition.Version, now: Date
    ) throws(StatusError) {
        self.call = call
        self.definition = definition
        self.version = version
        self.now = now
        guard let format = call.path.subresource == "log" ? .json : ResponseFormat(accept: call.accept) else {
            throw .notAcceptable
        }
        self.format = format
    }

    var resource: GroupResource { definition.groupResource }
    /// The namespace in the table of objects.
    var namespace: String { definition.isNamespaced ? call.path.namespace ?? "" : "" }
    var name: String { call.path.name ?? "" }
    var isStatus: Bool { call.path.subresource == "status" }

    /// The key of the object in etcd, which some messages quote.
    var storageKey: String {
        let isOfGroup = definition.origin == .custom || definition.origin == .customResourceDefinition
        let parts = ["", "registry"] + (isOfGroup ? [definition.group] : []) + [definition.plural, namespace, name]
        return parts.enumerated().filter { $0.offset == 0 || !$0.element.isEmpty }.map(\.element).joined(separator: "/")
    }

    /// The object as this version shows it.
    func presented(_ object: StoredObject) -> Value {
        guard definition.versions.count > 1 else { return object.value }
        var value = object.value
        value["apiVersion"] = .string(definition.apiVersion(version))
        return value
    }

    /// A response that is one object.
    func response(_ object: StoredObject, status: Int = 200, isCommitted: Bool = false) -> APIResponse {
        guard format == .json, definition.versions.count == 1 else {
            return APIResponse(
                status: status, value: Presentation(operation: self).value(object), isCommitted: isCommitted)
        }
        return APIResponse(status: status, body: object.bytes, isCommitted: isCommitted)
    }

    /// The response of a dry run: an object that was not stored.
    func response(toDryRun object: Value, status: Int) -> APIResponse {
        response(StoredObject(object, resourceVersion: 0), status: status)
    }
}
