import JSON

/// Holds an answer of success against what was asked for.
///
/// A proxy that answers for the cluster, a body that was cut, another object than the one asked for: none of them may
/// pass for a success.
struct AnswerCheck: Sendable {
    let definition: ResourceDefinition
    let namespace: String?

    /// The object of an answer.
    ///
    /// - Parameters:
    ///   - name: the name that it must have; `nil` = any.
    func object(_ answer: HTTPAnswer, named name: String?) throws(KubernetesError) -> JSONValue {
        let json = try parse(answer)
        let object = json.objectValue ?? JSONObject()
        try expect(object, "kind", definition.kind)
        try expect(object, "apiVersion", definition.apiVersion)
        guard let metadata = object["metadata"]?.objectValue else {
            throw KubernetesError(.invalidAnswer, "the answer's object has no metadata")
        }
        guard let found = metadata["name"]?.stringValue, !found.isEmpty else {
            throw KubernetesError(.invalidAnswer, "the answer's object has no name")
        }
        if let name, !name.isEmpty { try expect(metadata, "name", name) }
        if let namespace { try expect(metadata, "namespace", namespace) }
        return json
    }

    /// The page of an answer.
    func list(_ answer: HTTPAnswer, metadataOnly: Bool) throws(KubernetesError) -> PagedList.Page {
        let json = try parse(answer).objectValue ?? JSONObject()
        try expect(json, "kind", metadataOnly ? "PartialObjectMetadataList" : definition.listKind)
        try expect(json, "apiVersion", metadataOnly ? "meta.k8s.io/v1" : definition.apiVersion)
        guard let metadata = json["metadata"]?.objectValue else {
            throw KubernetesError(.invalidAnswer, "the answer's list has no metadata")
        }
        let items: [JSONValue]
        switch json["items"] {
        case .array(let elements)?: items = elements
        // Go writes an empty list so, here and there.
        case .null?: items = []
        default: throw KubernetesError(.invalidAnswer, "the answer's list has no items")
        }
        for item in items {
            let metadata = item["metadata"]?.objectValue ?? JSONObject()
            guard metadata["name"]?.stringValue?.isEmpty == false else {
                throw KubernetesError(.invalidAnswer, "an object of the answer's list has no name")
            }
            if let namespace { try expect(metadata, "namespace", namespace) }
        }
        let token = metadata["continue"]?.stringValue ?? ""
        return PagedList.Page(items: items, continueToken: token.isEmpty ? nil : token)
    }

    private func parse(_ answer: HTTPAnswer) throws(KubernetesError) -> JSONValue {
        do {
            return try JSONValue(parsing: answer.body, limits: .trusted)
        } catch {
            throw KubernetesError(.invalidAnswer, "the answer is not JSON", cause: error)
        }
    }

    private func expect(_ object: JSONObject, _ key: String, _ wanted: String) throws(KubernetesError) {
        let found = object[key]?.stringValue
        guard let found, found.hasSameBytes(as: wanted) else {
            let found = found?.quotedForMessage ?? "none"
            throw KubernetesError(.invalidAnswer, "the answer's \(key) is \(found), not \(wanted.quotedForMessage)")
        }
    }
}
