import JSON

/// Checks that a successful response is the one that was asked for.
///
/// A proxy that answers for the cluster, a body that was cut, another object than the one asked for: none of them may
/// pass for a success.
struct ResponseCheck: Sendable {
    let definition: ResourceDefinition
    let namespace: String?

    /// The object of a response.
    ///
    /// - Parameters:
    ///   - name: the name that it must have; `nil` = any.
    func object(_ response: KubernetesResponse, named name: String?) throws(KubernetesError) -> JSONValue {
        try object(try parse(response.body), named: name)
    }

    /// An object that must be of this kind, and in this namespace.
    func object(_ json: JSONValue, named name: String?) throws(KubernetesError) -> JSONValue {
        let object = json.objectValue ?? JSONObject()
        try expect(object, "kind", definition.kind)
        try expect(object, "apiVersion", definition.apiVersion)
        guard let metadata = object["metadata"]?.objectValue else {
            throw KubernetesError(.invalidResponse, "the response's object has no metadata")
        }
        guard let found = metadata["name"]?.stringValue, !found.isEmpty else {
            throw KubernetesError(.invalidResponse, "the response's object has no name")
        }
        if let name, !name.isEmpty { try expect(metadata, "name", name) }
        if let namespace { try expect(metadata, "namespace", namespace) }
        return json
    }

    /// The page of a response.
    func list(_ response: KubernetesResponse, metadataOnly: Bool) throws(KubernetesError) -> ListPage {
        let json = try parse(response.body).objectValue ?? JSONObject()
        try expect(json, "kind", metadataOnly ? "PartialObjectMetadataList" : definition.listKind)
        try expect(json, "apiVersion", metadataOnly ? "meta.k8s.io/v1" : definition.apiVersion)
        guard let metadata = json["metadata"]?.objectValue else {
            throw KubernetesError(.invalidResponse, "the response's list has no metadata")
        }
        let items: [JSONValue]
        switch json["items"] {
        case .array(let elements)?: items = elements
        // The API server sends some empty lists as a nil slice of Go, which is `null` in JSON.
        case .null?: items = []
        default: throw KubernetesError(.invalidResponse, "the response's list has no items")
        }
        for item in items {
            let metadata = item["metadata"]?.objectValue ?? JSONObject()
            guard metadata["name"]?.stringValue?.isEmpty == false else {
                throw KubernetesError(.invalidResponse, "an object of the response's list has no name")
            }
            if let namespace { try expect(metadata, "namespace", namespace) }
        }
        let token = metadata["continue"]?.stringValue ?? ""
        return ListPage(
            items: items, continueToken: token.isEmpty ? nil : token,
            resourceVersion: metadata["resourceVersion"]?.stringValue)
    }

    /// The JSON of a response, or of one event of a watch.
    func parse(_ text: [UInt8]) throws(KubernetesError) -> JSONValue {
        do {
            return try JSONValue(parsing: text, limits: .trusted)
        } catch {
            throw KubernetesError(.invalidResponse, "the response is not JSON", cause: error)
        }
    }

    private func expect(_ object: JSONObject, _ key: String, _ wanted: String) throws(KubernetesError) {
        let found = object[key]?.stringValue
        guard let found, found.hasSameBytes(as: wanted) else {
            let found = found?.quotedForMessage ?? "none"
            throw KubernetesError(.invalidResponse, "the response's \(key) is \(found), not \(wanted.quotedForMessage)")
        }
    }
}

/// One page of a list.
struct ListPage: Sendable {
    var items: [JSONValue]
    /// The token of the next page; `nil` on the last.
    var continueToken: String?
    /// The version of the list.
    var resourceVersion: String?
}
