import JSON

/// An OpenAPI document, as the page reads it.
struct DescribedAPI {
    /// The document.
    let document: JSONValue
    /// The formats in which examples are shown.
    let formats: [DocumentationPage.Format]
    /// How clients authenticate.
    let certificate: DocumentationPage.Certificate

    /// The target of a reference; a value that is no reference itself.
    func resolve(_ value: JSONValue) -> JSONValue {
        guard let reference = value["$ref"]?.stringValue, reference.hasPrefix("#/") else { return value }
        var target: JSONValue? = document
        for part in reference.dropFirst(2).split(separator: "/") { target = target?[String(part)] }
        return target ?? value
    }

    /// The bodies of a `content` object.
    func contents(of content: JSONValue?) -> [DescribedContent] {
        var result: [DescribedContent] = []
        for (type, json) in content?.objectValue?.members ?? [] {
            if let index = result.firstIndex(where: { $0.json == json }) {
                result[index].types.append(type)
            } else {
                result.append(DescribedContent(types: [type], json: json, known: formats))
            }
        }
        return result
    }

    /// The components of a kind, such as `schemas`, by name.
    func pieces(_ kind: String) -> [JSONObject.Member] {
        document["components"]?[kind]?.objectValue?.members ?? []
    }

    /// Every operation, in the order of the document.
    var operations: [DescribedOperation] {
        (document["paths"]?.objectValue?.members ?? []).flatMap { path, item in
            (item.objectValue?.members ?? []).compactMap { method, operation in
                guard Self.methods.contains(method) else { return nil }
                return DescribedOperation(api: self, path: path, method: method.uppercased(), json: operation)
            }
        }
    }

    /// The operations grouped by their first tag, in the order of the document's tags, with each tag's description.
    var groups: [(tag: String, description: String?, operations: [DescribedOperation])] {
        let operations = operations
        let tags = document["tags"]?.arrayValue ?? []
        var names: [String] = []
        for name in tags.compactMap({ $0["name"]?.stringValue }) + operations.map(\.tag) where !names.contains(name) {
            names.append(name)
        }
        return names.map { name in
            let tag = tags.first { $0["name"]?.stringValue == name }
            return (name, tag?["description"]?.stringValue, operations.filter { $0.tag == name })
        }
    }

    private static let methods: Set = ["get", "head", "post", "put", "patch", "delete", "options", "trace"]
}
