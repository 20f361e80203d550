extension Discovery {
    /// The index, or one document: `[]`, `["api", "v1"]`, `["apis", GROUP, VERSION]`.
    func openAPI(_ path: [String]) -> APIResponse? {
        switch (path.count, path.first) {
        case (0, _): return APIResponse(status: 200, value: index)
        case (2, "api"): return document(group: "", version: path[1]).map { APIResponse(status: 200, body: $0) }
        case (3, "apis"): return document(group: path[1], version: path[2]).map { APIResponse(status: 200, body: $0) }
        default: return nil
        }
    }

    private var index: Value {
        var paths = Members()
        for group in groups {
            for version in versions(of: group) {
                guard let document = document(group: group, version: version) else { continue }
                let path = group.isEmpty ? "api/\(version)" : "apis/\(group)/\(version)"
                // Clients keep a document as long as its address stays the same.
                let hash = MD5.hexadecimal(of: String(decoding: document, as: UTF8.self)).uppercased()
                paths[path] = ["serverRelativeURL": "/openapi/v3/\(path)?hash=\(hash)"]
            }
        }
        return ["paths": .object(paths)]
    }

    private func document(group: String, version: String) -> [UInt8]? {
        let kinds = kinds(group: group, version: version)
        guard !kinds.isEmpty else { return nil }
        var paths = Members()
        var schemas = OpenAPIMetadata.schemas
        for (definition, version) in kinds {
            let kind = OpenAPIKind(definition: definition, version: version)
            for (path, item) in kind.paths { paths[path] = item }
            for (name, schema) in kind.schemas { schemas[name] = schema }
        }
        let value: Value = [
            "openapi": "3.0.0",
            "info": ["title": "Kubernetes CRD Swagger", "version": "v0.1.0"],
            "paths": .object(paths),
            "components": ["schemas": .object(schemas)],
        ]
        return value.serialized()
    }
}
