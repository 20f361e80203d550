import Foundation

extension ClusterState {
    /// Creates an object, in the order of checks of the real server.
    mutating func create(_ operation: Operation) throws(StatusError) -> APIResponse {
        let (object, warnings) = try ObjectDecoder(operation: operation).object()
        return try create(object, warnings: warnings, operation)
    }

    /// Creates an object whose body has been read; also a replace of one that does not exist ends here.
    mutating func create(
        _ object: Value, warnings: [String], _ operation: Operation
    ) throws(StatusError) -> APIResponse {
        var object = object
        try admit(&object, operation)
        try operation.mutate(&object)
        if object.name.isEmpty, let prefix = object.at("metadata", "generateName")?.string {
            object.set(.string(ObjectName.generated(from: prefix)), at: "metadata", "name")
        }
        let version = object.at("metadata", "resourceVersion")
        prepareForCreate(&object, operation)
        try validate(object, old: nil, operation)
        try operation.checkAdmission(of: object, old: nil)
        let charges = try chargedQuotas(for: object, operation)
        guard version == nil else { throw .versionSetOnCreate }
        if let taken = self.object(operation.resource, namespace: operation.namespace, name: object.name) {
            throw taken.value.isBeingDeleted
                ? .isBeingDeleted(operation.resource, object.name) : .alreadyExists(operation.resource, object.name)
        }
        var response: APIResponse
        if operation.call.isDryRun {
            response = operation.response(toDryRun: object, status: 201)
        } else {
            for quota in charges { try store(quota, as: ResourceDefinition.quotas) }
            let stored = try store(object, as: operation.resource)
            response = operation.response(stored, status: 201, isCommitted: true)
            try wasCreated(stored, operation)
        }
        response.warn(warnings)
        return response
    }

    /// Checks the object's namespace and fills it in.
    private func admit(_ object: inout Value, _ operation: Operation) throws(StatusError) {
        guard operation.definition.isNamespaced else {
            object.set(nil, at: "metadata", "namespace")
            return
        }
        let namespace = operation.namespace
        guard object.namespace == nil || object.namespace == namespace else {
            throw .badRequest("the namespace of the provided object does not match the namespace sent on the request")
        }
        object.set(.string(namespace), at: "metadata", "namespace")
        guard let home = self.object(ResourceDefinition.namespaces, namespace: nil, name: namespace) else {
            throw .notFound(ResourceDefinition.namespaces, namespace)
        }
        guard !home.value.isBeingDeleted else {
            let generateName = object.at("metadata", "generateName")?.string
            throw .forbidden(
                operation.resource, object.name.isEmpty ? generateName ?? "Unknown" : object.name,
                "unable to create new content in namespace \(namespace) because it is being terminated",
                causes: [
                    [
                        "reason": "NamespaceTerminating",
                        "message": .string("namespace \(namespace) is being terminated"), "field": "metadata.namespace",
                    ]
                ])
        }
    }

    /// Sets the fields of a new object that the server sets.
    private func prepareForCreate(_ object: inout Value, _ operation: Operation) {
        object.set(.string(UUID().uuidString.lowercased()), at: "metadata", "uid")
        object.set(.string(operation.now.timestamp), at: "metadata", "creationTimestamp")
        for key in ["resourceVersion", "generation", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"] {
            object.set(nil, at: "metadata", key)
        }
        if operation.definition.hasGeneration { object.set(1, at: "metadata", "generation") }
        if [.custom, .pod].contains(operation.definition.origin), operation.version.hasStatus {
            object["status"] = nil
        }
        object.prepare(as: operation.definition.origin)
        ManagedFields.note(change: object, from: nil, operation)
            .map { object.set($0, at: "metadata", "managedFields") }
    }

    /// Carries out what a new object causes.
    private mutating func wasCreated(_ object: StoredObject, _ operation: Operation) throws(StatusError) {
        switch operation.definition.origin {
        case .customResourceDefinition: try establish(object.value, now: operation.now)
        case .resourceQuota: try countUsage(of: object.value)
        case .custom, .namespace, .event, .lease, .configMap, .pod: break
        }
    }

    /// Checks an object against all the rules of its kind.
    ///
    /// - Throws: `Invalid` with every mistake as a cause.
    func validate(_ object: Value, old: Value?, _ operation: Operation) throws(StatusError) {
        let definition = operation.definition
        let kind = GroupResource(group: definition.group, resource: object["kind"]?.string ?? definition.kind)
        guard kind.resource == definition.kind else {
            throw .invalid(
                kind, object.name,
                [FieldError(.invalid, at: "kind", value: .string(kind.resource), detail: "must be \(definition.kind)")])
        }
        var errors: [FieldError] = []
        if let old { errors += ObjectMetadata.problemsOfChange(from: old, to: object, of: definition) }
        errors += ObjectMetadata.problems(of: object.metadata, for: definition)
        errors += operation.version.schema?.validate(object, old: old) ?? []
        errors += object.problems(as: definition.origin)
        guard errors.isEmpty else { throw .invalid(kind, object.name, errors) }
    }
}

extension APIResponse {
    /// Adds warnings for the client's user, as the real server sends them.
    mutating func warn(_ warnings: [String]) {
        guard !warnings.isEmpty else { return }
        headers["Warning"] = warnings.map { warning in
            let text = warning.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            return "299 - \"\(text)\""
        }.joined(separator: ", ")
    }
}
