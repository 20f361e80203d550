/// Lists the groups, versions and kinds for clients.
struct Discovery: Sendable {
    let definitions: [ResourceDefinition]
    /// The host and port that `/api` reports.
    let serverAddress: String

    /// - Parameter definitions: In any order; the answers have the server's own kinds first, then the others by name.
    init(_ definitions: some Sequence<ResourceDefinition>, serverAddress: String) {
        self.definitions = definitions.sorted { left, right in
            (left.origin == .custom ? 1 : 0, left.group, left.plural)
                < (right.origin == .custom ? 1 : 0, right.group, right.plural)
        }
        self.serverAddress = serverAddress
    }

    /// The response at a path that names no objects; `nil` if the path does not exist.
    ///
    /// - Parameter path: Percent-decoded, without the query.
    func answer(at path: String, accept: String) -> APIResponse? {
        let parts = path.split(separator: "/").map { String($0) }
        let format = ResponseFormat(accept: accept)
        switch (parts.count, parts.first) {
        case (1, "version"): return APIResponse(status: 200, value: Self.version)
        case (1, "api"):
            return format == .aggregatedDiscovery ? aggregated([""]) : APIResponse(status: 200, value: coreVersions)
        case (1, "apis"):
            return format == .aggregatedDiscovery
                ? aggregated(groups.filter { !$0.isEmpty }) : APIResponse(status: 200, value: groupList)
        case (2, "api"): return resources(group: "", version: parts[1])
        case (2, "apis"):
            guard groups.contains(parts[1]), !parts[1].isEmpty else { return nil }
            var group = groupValue(parts[1])
            group["kind"] = "APIGroup"
            group["apiVersion"] = "v1"
            return APIResponse(status: 200, value: group)
        case (3, "apis"): return resources(group: parts[1], version: parts[2])
        case (2..., "openapi") where parts[1] == "v3": return openAPI(Array(parts.dropFirst(2)))
        default: return nil
        }
    }

    /// The groups that are served; the core group is empty.
    var groups: [String] {
        definitions.map(\.group).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    func versions(of group: String) -> [String] {
        definitions.filter { $0.group == group }.flatMap { $0.versions.map(\.name) }
            .reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// The kinds of a version, each with what that version says of it.
    func kinds(
        group: String, version: String
    ) -> [(definition: ResourceDefinition, version: ResourceDefinition.Version)] {
        definitions.filter { $0.group == group }.compactMap { definition in
            definition.version(version).map { (definition, $0) }
        }
    }

    static let version: Value = [
        "major": "1", "minor": "36", "emulationMajor": "1", "emulationMinor": "36", "minCompatibilityMajor": "1",
        "minCompatibilityMinor": "35", "gitVersion": "v1.36.2", "gitCommit": "fake", "gitTreeState": "",
        "buildDate": "1970-01-01T00:00:00Z", "goVersion": "none", "compiler": "swift", "platform": "linux/amd64",
    ]

    // MARK: One document a group

    private var coreVersions: Value {
        [
            "kind": "APIVersions", "versions": .array(versions(of: "").map { .string($0) }),
            "serverAddressByClientCIDRs": [["clientCIDR": "0.0.0.0/0", "serverAddress": .string(serverAddress)]],
        ]
    }

    private var groupList: Value {
        [
            "kind": "APIGroupList", "apiVersion": "v1",
            "groups": .array(groups.filter { !$0.isEmpty }.map { groupValue($0) }),
        ]
    }

    private func groupValue(_ group: String) -> Value {
        let versions = versions(of: group).map { version -> Value in
            ["groupVersion": "\(group)/\(version)", "version": .string(version)]
        }
        return ["name": .string(group), "versions": .array(versions), "preferredVersion": versions.first ?? .null]
    }

    private func resources(group: String, version: String) -> APIResponse? {
        let kinds = kinds(group: group, version: version)
        guard !kinds.isEmpty else { return nil }
        var resources: [Value] = []
        for (definition, version) in kinds {
            var resource: Value = [
                "name": .string(definition.plural), "singularName": .string(definition.singular),
                "namespaced": .bool(definition.isNamespaced), "kind": .string(definition.kind),
                "verbs": definition.verbs,
                "storageVersionHash": .string(definition.storageVersionHash(version.name)),
            ]
            resource.setNames(of: definition)
            resources.append(resource)
            if version.hasStatus {
                resources.append([
                    "name": "\(definition.plural)/status", "singularName": "",
                    "namespaced": .bool(definition.isNamespaced), "kind": .string(definition.kind),
                    "verbs": ["get", "patch", "update"],
                ])
            }
            if definition.origin == .pod {
                resources.append([
                    "name": "pods/log", "singularName": "", "namespaced": true, "kind": "Pod", "verbs": ["get"],
                ])
            }
        }
        return APIResponse(
            status: 200,
            value: [
                "kind": "APIResourceList", "apiVersion": "v1",
                "groupVersion": .string(group.isEmpty ? version : "\(group)/\(version)"),
                "resources": .array(resources),
            ])
    }

    // MARK: One document for all

    private func aggregated(_ groups: [String]) -> APIResponse {
        let items = groups.map { group -> Value in
            let versions = versions(of: group).map { version -> Value in
                [
                    "version": .string(version), "freshness": "Current",
                    "resources": .array(kinds(group: group, version: version).map { aggregated($0, $1) }),
                ]
            }
            return [
                "metadata": group.isEmpty ? [:] : ["name": .string(group)], "versions": .array(versions),
            ]
        }
        var answer = APIResponse(
            status: 200,
            value: [
                "kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": [:],
                "items": .array(items),
            ])
        answer.contentType = ResponseFormat.aggregatedDiscovery.contentType
        return answer
    }

    private func aggregated(_ definition: ResourceDefinition, _ version: ResourceDefinition.Version) -> Value {
        let isCustom = definition.origin == .custom
        let kind: Value = [
            "group": isCustom ? .string(definition.group) : "", "version": isCustom ? .string(version.name) : "",
            "kind": .string(definition.kind),
        ]
        var resource: Value = [
            "resource": .string(definition.plural), "responseKind": kind,
            "scope": definition.isNamespaced ? "Namespaced" : "Cluster",
            "singularResource": .string(definition.singular), "verbs": definition.verbs,
        ]
        resource.setNames(of: definition)
        if version.hasStatus {
            resource["subresources"] = [
                ["subresource": "status", "responseKind": kind, "verbs": ["get", "patch", "update"]]
            ]
        }
        if definition.origin == .pod {
            let log: Value = ["subresource": "log", "responseKind": kind, "verbs": ["get"]]
            resource["subresources"] = .array([log] + (resource["subresources"]?.array ?? []))
        }
        return resource
    }
}

extension Value {
    fileprivate mutating func setNames(of definition: ResourceDefinition) {
        if !definition.shortNames.isEmpty { self["shortNames"] = .array(definition.shortNames.map { .string($0) }) }
        if !definition.categories.isEmpty { self["categories"] = .array(definition.categories.map { .string($0) }) }
    }
}

extension ResourceDefinition {
    /// In the order in which the real server names them.
    fileprivate var verbs: Value {
        switch origin {
        case .custom: ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"]
        case .namespace: ["create", "delete", "get", "list", "patch", "update", "watch"]
        default: ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
        }
    }

    /// Of the same form as the real one.
    fileprivate func storageVersionHash(_ version: String) -> String {
        MD5.hexadecimal(of: "\(group)/\(version)/\(kind)").prefix(11) + "="
    }
}
