extension ClusterState {
    /// Replaces an object, or its status.
    mutating func update(_ operation: Operation) throws(StatusError) -> APIResponse {
        guard operation.call.path.name != nil else { throw .badRequest("name must be provided") }
        let decoder = ObjectDecoder(operation: operation)
        var (object, warnings) = try decoder.object()
        try checkIdentity(of: &object, operation)
        let existing = self.object(operation.resource, namespace: operation.namespace, name: operation.name)
        if !object.uid.isEmpty, object.uid != existing?.value.uid ?? "" {
            throw .hasAnotherUID(
                operation.resource, operation.name, key: operation.storageKey, uid: object.uid,
                found: existing?.value.uid ?? "")
        }
        guard let existing else {
            guard operation.definition.allowsCreateOnUpdate, !operation.isStatus else {
                throw .notFound(operation.resource, operation.name)
            }
            object.set(nil, at: "metadata", "resourceVersion")
            return try create(object, warnings: warnings, operation)
        }
        var response = try write(object, over: existing, operation)
        response.warn(warnings)
        return response
    }

    /// Applies a patch to an object, or to its status.
    mutating func patch(_ operation: Operation) throws(StatusError) -> APIResponse {
        guard operation.call.path.name != nil else { throw .badRequest("name must be provided") }
        let format = try BodyFormat(operation.call.contentType, isPatch: true)
        guard let existing = self.object(operation.resource, namespace: operation.namespace, name: operation.name)
        else { throw .notFound(operation.resource, operation.name) }
        let patch: Value
        do throws(ValueSyntaxError) {
            patch = try Value(parsing: operation.call.body)
        } catch {
            throw .badRequest("error decoding patch: \(error.message)")
        }
        let patched = try apply(patch, format, to: operation.presented(existing))
        let decoder = ObjectDecoder(operation: operation)
        var (object, warnings) = try decoder.object(patched: patched)
        try checkIdentity(of: &object, operation)
        var response = try write(object, over: existing, operation)
        response.warn(warnings)
        return response
    }

    private func apply(_ patch: Value, _ format: BodyFormat, to object: Value) throws(StatusError) -> Value {
        let patched: Value
        do throws(PatchError) {
            switch format {
            case .jsonPatch: patched = try JSONPatch(patch).applied(to: object)
            case .mergePatch, .json, .yaml: patched = try MergePatch(patch).applied(to: object)
            }
        } catch {
            switch error {
            case .malformed(let message): throw .badRequest(message)
            case .tooLarge(let message):
                throw StatusError(code: 413, reason: "RequestEntityTooLarge", message: message)
            case .inapplicable: throw .unprocessablePatch
            }
        }
        guard patched.object != nil, patched["metadata"]?.object != nil else { throw .unprocessablePatch }
        return patched
    }

    /// Checks that the body and the URL name the same object.
    private func checkIdentity(of object: inout Value, _ operation: Operation) throws(StatusError) {
        guard object.name.isEmpty || object.name == operation.name else {
            throw .badRequest(
                "the name of the object (\(object.name)) does not match the name on the URL (\(operation.name))")
        }
        object.set(.string(operation.name), at: "metadata", "name")
        guard operation.definition.isNamespaced else { return }
        guard object.namespace == nil || object.namespace == operation.namespace else {
            throw .badRequest("the namespace of the provided object does not match the namespace sent on the request")
        }
        object.set(.string(operation.namespace), at: "metadata", "namespace")
    }

    /// Compares and swaps: stores a new state of an object if it was made from the current one.
    private mutating func write(
        _ object: Value, over existing: StoredObject, _ operation: Operation
    ) throws(StatusError) -> APIResponse {
        let definition = operation.definition
        let version = object.at("metadata", "resourceVersion")?.string ?? ""
        if !version.isEmpty, UInt64(version) == nil {
            throw .unexpected("strconv.ParseUint: parsing \(version.goQuoted): invalid syntax")
        }
        // Version 0 counts as no version, however it is written.
        if UInt64(version) ?? 0 == 0 {
            guard definition.allowsUnconditionalUpdate else {
                throw .invalid(
                    operation.resource, operation.name,
                    [
                        FieldError(
                            .invalid, at: "metadata.resourceVersion", value: 0,
                            detail: "must be specified for an update")
                    ])
            }
        } else if UInt64(version) != UInt64(existing.resourceVersion) {
            throw .modified(operation.resource, operation.name)
        }
        var new = operation.isStatus ? existing.value : object
        if operation.isStatus {
            new["status"] = object["status"]
        } else if operation.version.hasStatus {
            new["status"] = existing.value["status"]
        }
        try operation.mutate(&new)
        prepareForUpdate(&new, from: existing.value, operation)
        try validate(new, old: existing.value, operation)
        try operation.checkAdmission(of: new, old: existing.value)
        return try finish(new, over: existing, operation)
    }

    /// Restores the fields that only the server may change, and increments the generation if the spec changed.
    private func prepareForUpdate(_ new: inout Value, from old: Value, _ operation: Operation) {
        for key in ["uid", "creationTimestamp"] where new.at("metadata", key) == nil {
            new.set(old.at("metadata", key), at: "metadata", key)
        }
        for key in [
            "resourceVersion", "generation", "deletionTimestamp", "deletionGracePeriodSeconds", "managedFields",
        ] {
            new.set(old.at("metadata", key), at: "metadata", key)
        }
        if operation.definition.hasGeneration, !operation.isStatus {
            var (newContent, oldContent) = (new, old)
            for key in operation.version.hasStatus ? ["metadata", "status"] : ["metadata"] {
                newContent[key] = nil
                oldContent[key] = nil
            }
            if newContent != oldContent {
                new.set(.int((old.at("metadata", "generation")?.int ?? 0) + 1), at: "metadata", "generation")
            }
        }
        new.prepare(as: operation.definition.origin)
    }

    private mutating func finish(
        _ object: Value, over existing: StoredObject, _ operation: Operation
    ) throws(StatusError) -> APIResponse {
        // A write that changes nothing does not store anything: the version stays.
        guard object != existing.value else { return operation.response(existing) }
        var object = object
        ManagedFields.note(change: object, from: existing.value, operation)
            .map { object.set($0, at: "metadata", "managedFields") }
        guard !operation.call.isDryRun else { return operation.response(toDryRun: object, status: 200) }
        let grace = object.at("metadata", "deletionGracePeriodSeconds")?.int ?? 0
        if object.isBeingDeleted, object.finalizers.isEmpty, operation.definition.origin != .namespace, grace == 0 {
            // Its last finalizer is gone: so is the object, without another version.
            let last = StoredObject(object, resourceVersion: existing.resourceVersion)
            try take(last, from: operation.resource)
            return operation.response(last, isCommitted: true)
        }
        let stored = try store(object, as: operation.resource)
        if operation.definition.origin == .resourceQuota {
            try countUsage(of: stored.value)
        }
        return operation.response(stored, isCommitted: true)
    }
}

extension ObjectMetadata {
    /// What is wrong with a change of the metadata: fields that never change, and finalizers that come too late.
    static func problemsOfChange(from old: Value, to new: Value, of definition: ResourceDefinition) -> [FieldError] {
        var errors = ["name", "namespace", "uid", "creationTimestamp"].compactMap { key -> FieldError? in
            let value = new.at("metadata", key)
            guard value != old.at("metadata", key) else { return nil }
            return FieldError(.invalid, at: "metadata.\(key)", value: value ?? "", detail: "field is immutable")
        }
        let added = new.finalizers.filter { !old.finalizers.contains($0) }.compactMap(\.string)
        if old.isBeingDeleted, !added.isEmpty {
            let error = FieldError(
                .forbidden, at: "metadata.finalizers",
                detail: "no new finalizers can be added if the object is being deleted, found new finalizers "
                    + "[]string{\(added.map(\.goQuoted).joined(separator: ", "))}")
            // The real server checks the metadata of a custom resource twice, and reports both.
            errors += definition.origin == .custom ? [error, error] : [error]
        }
        return errors
    }
}
