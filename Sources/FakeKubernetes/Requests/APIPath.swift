/// The meaning of a URL's path.
enum APIPath: Equatable, Sendable {
    /// Objects of a kind, one of them if there is a name.
    case resource(ResourcePath)
    /// Everything else: discovery, health, and paths that do not exist.
    case other

    /// - Parameter path: Percent-encoded, without the query.
    init(_ path: Substring) {
        var parts = path.split(separator: "/").map { PercentEncoding.decoded($0.utf8) }[...]
        var resource = ResourcePath()
        switch parts.popFirst() {
        case "api": break
        case "apis":
            guard let group = parts.popFirst() else {
                self = .other
                return
            }
            resource.group = group
        default:
            self = .other
            return
        }
        guard let version = parts.popFirst(), !parts.isEmpty else {
            self = .other
            return
        }
        resource.version = version
        // `/namespaces/NAME` is a namespace, `/namespaces/NAME/KIND` are objects in it, but for its own subresources.
        if parts.first == "namespaces", parts.count > 2, !["status", "finalize"].contains(parts[parts.startIndex + 2]) {
            resource.namespace = parts[parts.startIndex + 1]
            parts = parts.dropFirst(2)
        }
        guard let plural = parts.popFirst() else {
            self = .other
            return
        }
        resource.resource = plural
        resource.name = parts.popFirst()
        resource.subresource = parts.popFirst()
        guard parts.isEmpty else {
            self = .other
            return
        }
        if resource.resource == "namespaces", resource.group.isEmpty { resource.namespace = nil }
        self = .resource(resource)
    }
}

/// A path to objects.
struct ResourcePath: Equatable, Sendable {
    /// Empty for the core group.
    var group = ""
    var version = ""
    var resource = ""
    /// `nil`: in all namespaces, or the kind has none.
    var namespace: String?
    /// `nil`: all of them.
    var name: String?
    var subresource: String?

    var groupResource: GroupResource { GroupResource(group: group, resource: resource) }
    /// Such as `tekton.dev/v1`, or `v1` in the core group.
    var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }
}

/// Which kind of objects: an API group, empty for the core one, and the plural by which URLs call them.
struct GroupResource: Hashable, Sendable, CustomStringConvertible {
    var group: String
    var resource: String

    /// Such as `toolconfigs.deploy.toolforge.org`; the core group is left out.
    var description: String { group.isEmpty ? resource : "\(resource).\(group)" }
}
