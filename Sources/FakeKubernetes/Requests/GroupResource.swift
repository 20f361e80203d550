/// Which kind of objects: an API group, empty for the core one, and the plural by which URLs call them.
struct GroupResource: Hashable, Sendable, CustomStringConvertible {
    var group: String
    var resource: String

    /// Such as `toolconfigs.deploy.toolforge.org`; the core group is left out.
    var description: String { group.isEmpty ? resource : "\(resource).\(group)" }
}
