/// One kind in an OpenAPI document: its paths and its schemas.
struct OpenAPIKind {
    let definition: ResourceDefinition
    let version: ResourceDefinition.Version

    private var groupVersionKind: Value {
        [
            "group": .string(definition.group), "version": .string(version.name), "kind": .string(definition.kind),
        ]
    }

    // MARK: Schemas

    /// The name of the kind's schema: the group backwards, the version, the kind.
    var schemaName: String {
        let group =
            definition.origin == .custom
            ? definition.group.split(separator: ".").reversed().joined(separator: ".")
            : "io.k8s.api." + (definition.group.split(separator: ".").first.map { String($0) } ?? "core")
        return "\(group).\(version.name).\(definition.kind)"
    }

    var schemas: Members {
        var kind = version.schemaDocument?.object ?? ["type": "object", "x-kubernetes-preserve-unknown-fields": true]
        var properties = kind["properties"]?.object ?? [:]
        for (name, schema) in OpenAPIMetadata.typeMembers { properties[name] = schema }
        properties["metadata"] = OpenAPIMetadata.member("ObjectMeta", "The object's metadata.")
        kind["properties"] = .object(properties)
        kind["x-kubernetes-group-version-kind"] = [groupVersionKind]

        var listKind = groupVersionKind
        listKind["kind"] = .string(definition.listKind)
        let list: Value = [
            "description": "\(definition.listKind) is a list of \(definition.kind)", "type": "object",
            "required": ["items"],
            "properties": .object(
                Members(
                    OpenAPIMetadata.typeMembers.map { ($0.key, $0.value) } + [
                        (
                            "items",
                            [
                                "description": "List of \(definition.plural).", "type": "array",
                                "items": OpenAPIMetadata.reference(to: schemaName),
                            ]
                        ),
                        ("metadata", OpenAPIMetadata.member("ListMeta", "The list's metadata.")),
                    ])),
            "x-kubernetes-group-version-kind": [listKind],
        ]
        return [schemaName: .object(kind), listSchemaName: list]
    }

    private var listSchemaName: String {
        "\(schemaName.dropLast(definition.kind.count))\(definition.listKind)"
    }

    // MARK: Paths

    var paths: Members {
        let root = definition.group.isEmpty ? "/api/\(version.name)" : "/apis/\(definition.group)/\(version.name)"
        let collection =
            definition.isNamespaced
            ? "\(root)/namespaces/{namespace}/\(definition.plural)" : "\(root)/\(definition.plural)"
        let scope = definition.isNamespaced ? "Namespaced" : ""
        var paths: Members = [
            collection: [
                "get": operation("list", scope, returning: listSchemaName, query: OpenAPIMetadata.listQuery),
                "post": operation("create", scope, taking: schemaName, codes: ["200", "201", "202"]),
                "delete": operation("deletecollection", scope, taking: "Status"),
                "parameters": parameters(hasName: false),
            ],
            "\(collection)/{name}": item(scope, isStatus: false),
        ]
        if version.hasStatus { paths["\(collection)/{name}/status"] = item(scope, isStatus: true) }
        if definition.isNamespaced {
            paths["\(root)/\(definition.plural)"] = [
                "get": operation(
                    "list", "ForAllNamespaces", returning: listSchemaName, query: OpenAPIMetadata.listQuery)
            ]
        }
        return paths
    }

    private func item(_ scope: String, isStatus: Bool) -> Value {
        let place = isStatus ? scope + "Status" : scope
        var item: Value = [
            "get": operation("get", place, query: [("resourceVersion", "string")]),
            "put": operation("put", place, taking: schemaName, codes: ["200", "201"]),
            "patch": operation("patch", place, query: OpenAPIMetadata.writeQuery + [("force", "boolean")]),
            "parameters": parameters(hasName: true),
        ]
        if !isStatus { item["delete"] = operation("delete", place, returning: OpenAPIMetadata.name("Status")) }
        return item
    }

    private func operation(
        _ action: String, _ scope: String, taking body: String? = nil, returning result: String? = nil,
        query: [(String, String)]? = nil, codes: [String] = ["200"]
    ) -> Value {
        let answer = content(result ?? schemaName, types: ["application/json"])
        var responses = Members(codes.map { ($0, ["description": "OK", "content": answer]) })
        responses["401"] = ["description": "Unauthorized"]
        var operation: Value = [
            "description": "\(action) \(definition.kind)",
            "operationId": .string(action + identifier + scope + definition.kind),
            "parameters": .array(
                (query ?? OpenAPIMetadata.writeQuery).map { OpenAPIMetadata.parameter($0.0, in: "query", type: $0.1) }),
            "responses": .object(responses),
            "x-kubernetes-action": .string(action == "create" ? "post" : action),
            "x-kubernetes-group-version-kind": groupVersionKind,
        ]
        if action == "patch" {
            let types = ["application/json-patch+json", "application/merge-patch+json"]
            operation["requestBody"] = [
                "content": content(OpenAPIMetadata.name("Patch"), types: types), "required": true,
            ]
        } else if let body, action != "deletecollection" {
            let types = ["application/json", "application/yaml"]
            operation["requestBody"] = ["content": content(body, types: types), "required": true]
        }
        return operation
    }

    private func content(_ schema: String, types: [String]) -> Value {
        .object(Members(types.map { ($0, ["schema": OpenAPIMetadata.reference(to: schema)]) }))
    }

    private func parameters(hasName: Bool) -> Value {
        var names: [String] = hasName ? ["name"] : []
        if definition.isNamespaced { names.append("namespace") }
        return .array(names.map { OpenAPIMetadata.parameter($0, in: "path", type: "string") })
    }

    /// Group and version in one word, for operations' names.
    private var identifier: String {
        (definition.group.isEmpty ? "core" : definition.group).split { !$0.isLetter && !$0.isNumber }
            .map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
            + version.name.prefix(1).uppercased() + version.name.dropFirst()
    }
}
