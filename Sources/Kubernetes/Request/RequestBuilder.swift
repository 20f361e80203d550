import JSON

/// Makes the requests for one kind of resource in one namespace: verb → method, path, query, headers, body.
///
/// A value without a network. Only checked names get into a path.
struct RequestBuilder: Sendable {
    let definition: ResourceDefinition
    /// The namespace; `nil` = all of them (for lists), or a kind that lives in none.
    let namespace: String?
    /// The author of fields in writes.
    let fieldManager: String
    /// Whether unknown and duplicate fields are refused (`fieldValidation`).
    var fieldValidation: FieldValidation

    func get(_ name: String) throws(KubernetesError) -> KubernetesRequest {
        request("get", .get, try path(name), repeatability: .read)
    }

    func list(_ query: ListQuery, metadataOnly: Bool) throws(KubernetesError) -> KubernetesRequest {
        var request = request("list", .get, try collectionPath(), query: query.parameters, repeatability: .read)
        if metadataOnly {
            request.accept = Self.metadataList
        }
        return request
    }

    /// A creation; `isRepeatable` only where the name is fixed, so that a second one is refused.
    func create(_ object: JSONValue, isRepeatable: Bool) throws(KubernetesError) -> KubernetesRequest {
        try requireNamespace()
        let hasName = object["metadata"]?["name"]?.stringValue?.isEmpty == false
        return request(
            "create", .post, try collectionPath(), query: writeParameters, body: ("application/json", object),
            repeatability: isRepeatable && hasName ? .harmlessWrite : .write)
    }

    /// A replacement of what is there in the version that the object bears.
    func replace(_ object: JSONValue) throws(KubernetesError) -> KubernetesRequest {
        guard let name = object["metadata"]?["name"]?.stringValue else {
            throw KubernetesError(.invalidRequest, "an object without a name cannot be replaced")
        }
        guard object["metadata"]?["resourceVersion"]?.stringValue?.isEmpty == false else {
            throw KubernetesError(
                .invalidRequest, "an object without its resourceVersion must not replace what others may have changed")
        }
        // With a version a second execution is refused as a conflict.
        return request(
            "update", .put, try path(name), query: writeParameters, body: ("application/json", object),
            repeatability: .harmlessWrite)
    }

    func mergePatch(
        _ name: String, _ patch: JSONValue, subresource: Subresource? = nil
    ) throws(KubernetesError) -> KubernetesRequest {
        request(
            "patch", .patch, try path(name, subresource), subresource, query: writeParameters,
            body: ("application/merge-patch+json", patch), repeatability: .harmlessWrite)
    }

    /// A JSON patch; one that only sets members may be repeated, another only if the caller says so.
    func jsonPatch(
        _ name: String, _ operations: [JSONPatchOperation], isRepeatable: Bool
    ) throws(KubernetesError) -> KubernetesRequest {
        request(
            "patch", .patch, try path(name), query: writeParameters,
            body: ("application/json-patch+json", .array(operations.map(\.json))),
            repeatability: isRepeatable || operations.allSatisfy(\.isIdempotent) ? .harmlessWrite : .write)
    }

    func delete(_ name: String, _ options: DeleteOptions) throws(KubernetesError) -> KubernetesRequest {
        request(
            "delete", .delete, try path(name), body: ("application/json", options.json),
            repeatability: options.preconditions.isEmpty ? .write : .harmlessWrite)
    }

    /// A removal of all selected objects; the response lists the metadata of those that were removed.
    func deleteCollection(
        _ query: ListQuery, _ propagation: DeletePropagation
    ) throws(KubernetesError) -> KubernetesRequest {
        try requireNamespace()
        guard query.labelSelector?.isEmpty == false || query.fieldSelector?.isEmpty == false else {
            throw KubernetesError(.invalidRequest, "objects are removed by a selector only; this one selects all")
        }
        // A second execution finds fewer objects, or none.
        var request = request(
            "deletecollection", .delete, try collectionPath(), query: query.parameters,
            body: ("application/json", DeleteOptions(propagation: propagation).json), repeatability: .harmlessWrite)
        request.accept = Self.metadataList
        return request
    }

    /// A watch of all selected objects from a version on.
    func watch(
        _ query: ListQuery, from version: String, seconds: Int
    ) throws(KubernetesError) -> KubernetesRequest {
        var parameters = query.selectors
        parameters += [
            ("watch", "1"), ("resourceVersion", version), ("allowWatchBookmarks", "true"),
            ("timeoutSeconds", String(seconds)),
        ]
        return request("watch", .get, try collectionPath(), query: parameters, repeatability: .read)
    }

    /// A read of a pod's log.
    func log(_ name: String, _ parameters: [(String, String)]) throws(KubernetesError) -> KubernetesRequest {
        var request = request("get", .get, try path(name, .log), .log, query: parameters, repeatability: .read)
        // What is refused is JSON, the log is not.
        request.accept = "*/*"
        return request
    }

    private static let metadataList = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"

    private var writeParameters: [(String, String)] {
        [("fieldManager", fieldManager), ("fieldValidation", fieldValidation.rawValue)]
    }

    private func request(
        _ verb: String, _ method: KubernetesRequest.Method, _ path: String, _ subresource: Subresource? = nil,
        query: [(String, String)] = [], body: (type: String, value: JSONValue)? = nil, repeatability: Repeatability
    ) -> KubernetesRequest {
        KubernetesRequest(
            verb: verb, resource: definition.qualifiedName + (subresource?.suffix ?? ""), method: method,
            target: path + PercentEncoding.query(query),
            body: body.map { .init(contentType: $0.type, bytes: $0.value.serialized()) },
            repeatability: repeatability)
    }

    private func path(_ name: String, _ subresource: Subresource? = nil) throws(KubernetesError) -> String {
        try requireNamespace()
        guard ObjectName.isSubdomain(name) else {
            throw KubernetesError(
                .invalidRequest, "\(name.quotedForMessage) is not a name that an object can have (RFC 1123)")
        }
        return try collectionPath() + "/" + name + (subresource?.suffix ?? "")
    }

    private func collectionPath() throws(KubernetesError) -> String {
        guard let namespace else { return definition.groupPath + "/" + definition.plural }
        guard definition.isNamespaced else {
            throw KubernetesError(.invalidRequest, "\(definition.qualifiedName) live in no namespace")
        }
        guard ObjectName.isNamespace(namespace) else {
            throw KubernetesError(
                .invalidRequest, "\(namespace.quotedForMessage) is not a name that a namespace can have (RFC 1123)")
        }
        return definition.groupPath + "/namespaces/" + namespace + "/" + definition.plural
    }

    private func requireNamespace() throws(KubernetesError) {
        guard namespace != nil || !definition.isNamespaced else {
            throw KubernetesError(
                .invalidRequest, "an object of \(definition.qualifiedName) is asked for without its namespace")
        }
    }
}

/// A part of an object with a path of its own.
enum Subresource: String, Sendable {
    case status, log

    var suffix: String { "/" + rawValue }
}

/// What the server does with fields that it does not know, and with duplicate ones.
public enum FieldValidation: String, Sendable {
    /// Drops them.
    case ignore = "Ignore"
    /// Drops them, and says so in a header that this client does not read.
    case warn = "Warn"
    /// Refuses the write.
    case strict = "Strict"
}

/// Which names may stand in a path.
///
/// They hold for custom resources and most built-in kinds. Names of RBAC's kinds may hold a `:`; they are not supported,
/// because nothing that needs an escape may reach a path.
enum ObjectName {
    /// RFC 1123's subdomain: labels of lower-case letters, digits and `-`, joined by dots, 253 characters in all.
    static func isSubdomain(_ text: String) -> Bool {
        guard (1...253).contains(text.utf8.count) else { return false }
        return text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy(isLabel)
    }

    /// RFC 1123's label, as a namespace's name must be: 63 characters at most.
    static func isNamespace(_ text: String) -> Bool {
        text.utf8.count <= 63 && isLabel(Substring(text).utf8)
    }

    private static func isLabel(_ text: Substring.UTF8View) -> Bool {
        let dash = UInt8(ascii: "-")
        guard let first = text.first, let last = text.last, first != dash, last != dash else { return false }
        return text.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                || $0 == dash
        }
    }
}
