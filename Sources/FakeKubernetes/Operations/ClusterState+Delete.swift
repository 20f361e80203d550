import Foundation

extension ClusterState {
    /// Deletes an object, or marks one that has finalizers or containers to stop.
    ///
    /// The response is a `Status` if the object is gone, and else the object; a pod is always answered with itself.
    mutating func delete(_ operation: Operation) throws(StatusError) -> APIResponse {
        let options = try DeleteOptions(operation.call)
        guard let object = self.object(operation.resource, namespace: operation.namespace, name: operation.name) else {
            throw .notFound(operation.resource, operation.name)
        }
        try options.check(object, kind: operation.definition.groupKind)
        if !options.isDryRun {
            let outcome = try delete(object, of: operation.definition, options, now: operation.now)
            if !outcome.isGone || operation.definition.origin == .pod {
                return operation.response(outcome.object, isCommitted: true)
            }
        }
        var details = StatusError.details(
            name: operation.name, group: operation.resource.group, kind: operation.resource.resource)
        details["uid"] = .string(object.value.uid)
        return APIResponse(
            status: 200,
            value: ["kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success", "details": details],
            isCommitted: !options.isDryRun)
    }

    /// Deletes every object that a list with the same selectors and the same limit would show, and returns that list.
    ///
    /// - Throws: 409 at the first object that does not meet the preconditions; those before it are deleted.
    mutating func deleteCollection(_ operation: Operation) throws(StatusError) -> APIResponse {
        let options = try DeleteOptions(operation.call)
        let page = try selected(operation)
        let list = Presentation(operation: operation).list(page)
        if !options.isDryRun {
            for object in page.objects {
                try options.check(object, kind: operation.definition.groupKind)
                _ = try delete(object, of: operation.definition, options, now: operation.now)
            }
        }
        return APIResponse(status: 200, value: list, isCommitted: !options.isDryRun && !page.objects.isEmpty)
    }

    /// Deletes one object: at once, or by a mark if finalizers or a grace period keep it.
    ///
    /// - Returns: The object in its last state, and whether it is gone.
    @discardableResult
    mutating func delete(
        _ object: StoredObject, of definition: ResourceDefinition, _ options: DeleteOptions, now: Date
    ) throws(StatusError) -> (object: StoredObject, isGone: Bool) {
        var marked = object.value
        if let policy = options.policy {
            let others = marked.finalizers.filter { !PropagationPolicy.finalizers.contains($0.string ?? "") }
            let all = others + (policy.finalizer.map { [.string($0)] } ?? [])
            marked.set(all.isEmpty ? nil : .array(all), at: "metadata", "finalizers")
        }
        if definition.origin == .namespace {
            if !marked.isBeingDeleted { marked.set(.string(now.timestamp), at: "metadata", "deletionTimestamp") }
            marked.set("Terminating", at: "status", "phase")
            return (try marked == object.value ? object : store(marked, as: definition.groupResource), false)
        }
        let grace = definition.origin == .pod ? marked.gracePeriod(asked: options.gracePeriod) : 0
        if marked.finalizers.isEmpty, grace == 0, definition.origin != .pod {
            try take(object, from: definition.groupResource)
            return (object, true)
        }
        let isShortened = marked.at("metadata", "deletionGracePeriodSeconds")?.int.map { grace < $0 } ?? false
        if !marked.isBeingDeleted || isShortened {
            marked.set(.string((now + TimeInterval(grace)).timestamp), at: "metadata", "deletionTimestamp")
            marked.set(.int(grace), at: "metadata", "deletionGracePeriodSeconds")
            if !object.value.isBeingDeleted, let generation = marked.at("metadata", "generation")?.int {
                marked.set(.int(generation + 1), at: "metadata", "generation")
            }
        }
        let stored = try marked == object.value ? object : store(marked, as: definition.groupResource)
        guard marked.finalizers.isEmpty, grace == 0 else { return (stored, false) }
        try take(stored, from: definition.groupResource)
        return (stored, true)
    }

    /// Removes an object from the store, with what depends on it without being owned by it.
    mutating func take(_ object: StoredObject, from resource: GroupResource) throws(StatusError) {
        remove(object, from: resource)
        if resource == ResourceDefinition.customResourceDefinitions { retire(object.value) }
        try releaseQuotas(for: resource, in: object.value.namespace ?? "")
    }
}

extension Value {
    /// How long a pod's containers may take to stop: no time for a pod that is on no node or has ended.
    fileprivate func gracePeriod(asked: Int64?) -> Int64 {
        let phase = at("status", "phase")?.string ?? ""
        guard at("spec", "nodeName")?.string?.isEmpty == false, phase != "Succeeded", phase != "Failed" else {
            return 0
        }
        return max(0, asked ?? at("spec", "terminationGracePeriodSeconds")?.int ?? 30)
    }
}
