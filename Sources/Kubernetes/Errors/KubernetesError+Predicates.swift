extension KubernetesError {
    /// Whether there is no such object, namespace, or kind.
    public var isNotFound: Bool { code == .notFound }
    /// Whether an object of that name is there already.
    public var isAlreadyExists: Bool { code == .alreadyExists }
    /// Whether the object changed since it was read, or is another than the precondition names.
    public var isConflict: Bool { code == .conflict }
    /// Whether the cluster does not allow it.
    public var isForbidden: Bool { code == .forbidden }
    /// Whether the object breaks its schema or a rule.
    public var isInvalid: Bool { code == .invalid }
    /// Whether the version or continue token that was asked for is no longer kept.
    public var isGone: Bool { code == .gone }

    /// Whether the namespace of a creation is missing.
    ///
    /// Only a creation says so; a `get` in a missing namespace says that the object is not found.
    public var isNamespaceMissing: Bool { isNotFound && status?.details?.kind == "namespaces" }

    /// Whether the namespace is on its way out, so that nothing new may be created in it.
    public var isNamespaceTerminating: Bool {
        isForbidden && status?.details?.causes.contains { $0.reason == "NamespaceTerminating" } == true
    }

    /// Whether a ResourceQuota refused the creation.
    ///
    /// The API server has no reason of its own for it: its admission plugin is known by the words of its message.
    public var isQuotaExceeded: Bool { isForbidden && message.contains("exceeded quota:") }

    /// Whether an admission webhook looked at the object and refused it.
    public var isDeniedByAdmission: Bool {
        message.hasPrefix("admission webhook ") && message.contains(" denied the request")
    }

    /// Whether the same call may succeed later without anything being changed: the cluster is away, slow or busy.
    public var isTransient: Bool {
        [.tooManyRequests, .unavailable, .timeout, .connection, .serverError].contains(code)
    }
}
