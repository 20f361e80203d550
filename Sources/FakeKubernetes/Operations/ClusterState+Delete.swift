extension ClusterState {
    /// Deletes an object, or marks one that has finalizers.
    mutating func delete(_ operation: Operation) throws(StatusError) -> APIAnswer {
        let options = try DeleteOptions(operation.call)
        guard let object = self.object(operation.resource, namespace: operation.namespace, name: operation.name) else {
            throw .notFound(operation.resource, operation.name)
        }
        try options.check(object, kind: operation.definition.groupKind)
        guard !options.isDryRun else { return deleted(object, operation) }
        if let marked = try remove(object, operation) { return operation.answer(marked, isCommitted: true) }
        return deleted(object, operation)
    }

    private func deleted(_ object: StoredObject, _ operation: Operation) -> APIAnswer {
        var details = StatusError.details(
            name: operation.name, group: operation.resource.group, kind: operation.resource.resource)
        details["uid"] = .string(object.value.uid)
        return APIAnswer(
            status: 200,
            value: ["kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success", "details": details],
            isCommitted: true)
    }

    /// Deletes every object that a list with the same selectors would show, and answers with them.
    mutating func deleteCollection(_ operation: Operation) throws(StatusError) -> APIAnswer {
        let options = try DeleteOptions(operation.call)
        let page = try selected(operation)
        let answer = try Presentation(operation).list(page)
        if !options.isDryRun {
            for object in page.objects {
                try options.check(object, kind: operation.definition.groupKind)
                _ = try remove(object, operation)
            }
        }
        return APIAnswer(status: 200, value: answer, isCommitted: !options.isDryRun && !page.objects.isEmpty)
    }

    /// Takes an object away; `nil` if it is gone, else as it stays until its finalizers are.
    private mutating func remove(_ object: StoredObject, _ operation: Operation) throws(StatusError) -> StoredObject? {
        let isNamespace = operation.definition.origin == .namespace
        guard isNamespace || !object.value.finalizers.isEmpty else {
            try take(object, from: operation.resource)
            return nil
        }
        guard !object.value.isBeingDeleted else { return object }
        var marked = object.value
        marked.set(.string(operation.now.timestamp), at: "metadata", "deletionTimestamp")
        if isNamespace {
            marked.set("Terminating", at: "status", "phase")
        } else {
            marked.set(0, at: "metadata", "deletionGracePeriodSeconds")
            if let generation = marked.at("metadata", "generation")?.int {
                marked.set(.int(generation + 1), at: "metadata", "generation")
            }
        }
        return try store(marked, as: operation.resource)
    }

    /// Takes an object out of the store with everything that hangs on it.
    mutating func take(_ object: StoredObject, from resource: GroupResource) throws(StatusError) {
        remove(object, from: resource)
        if resource == ResourceDefinition.customResourceDefinitions { retire(object.value) }
        try releaseQuotas(for: resource, in: object.value.namespace ?? "")
    }
}
