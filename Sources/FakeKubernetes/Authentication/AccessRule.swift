/// What a limited user may do; a part that is absent or `*` allows any.
struct AccessRule: Sendable, Equatable {
    var verb: String?
    var group: String?
    /// The plural, `PLURAL/SUBRESOURCE` for a subresource.
    var resource: String?
    var namespace: String?

    init(_ value: Value) {
        func part(_ key: String) -> String? { value[key]?.string.flatMap { $0 == "*" ? nil : $0 } }
        verb = part("verb")
        group = part("group")
        resource = part("resource")
        namespace = part("namespace")
    }

    func allows(_ access: Access) -> Bool {
        (verb ?? access.verb) == access.verb && (group ?? access.group) == access.group
            && (resource ?? access.resource) == access.resource
            && (namespace ?? access.namespace) == access.namespace
    }
}

/// An action on a resource, for which a right is needed.
struct Access: Sendable, Equatable {
    var verb: String
    var group: String
    /// With its subresource, as in RBAC.
    var resource: String
    var namespace: String?
    var name: String?

    init(verb: String, group: String, resource: String, namespace: String?, name: String? = nil) {
        self.verb = verb
        self.group = group
        self.resource = resource
        self.namespace = namespace
        self.name = name
    }

    init(_ call: APICall) {
        let path = call.path
        self.init(
            verb: call.verb.rawValue, group: path.group,
            resource: path.subresource.map { "\(path.resource)/\($0)" } ?? path.resource,
            namespace: path.namespace, name: path.name)
    }

    /// The refusal, with RBAC's message.
    func refusal(to user: String) -> StatusError {
        var why = "User \"\(user)\" cannot \(verb) resource \"\(resource)\" in API group \"\(group)\""
        why += namespace.map { " in the namespace \"\($0)\"" } ?? " at the cluster scope"
        let plural = String(resource.prefix { $0 != "/" })
        return .forbidden(GroupResource(group: group, resource: plural), name ?? "", why)
    }
}
