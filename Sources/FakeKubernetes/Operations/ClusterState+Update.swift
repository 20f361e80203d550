extension ClusterState {
    /// Replaces an object, or its status.
    mutating func update(_ operation: Operation) throws(StatusError) -> APIAnswer {
        guard operation.call.path.name != nil else { throw .badRequest("name must be provided") }
        let decoder = ObjectDecoder(operation: operation)
        var (object, warnings) = try decoder.object()
        try checkIdentity(of: &object, operation)
        guard let existing = self.object(operation.resource, namespace: operation.namespace, name: operation.name)
        else { throw .notFound(operation.resource, operation.name) }
        if !object.uid.isEmpty, object.uid != existing.value.uid {
            throw .conflict(
                operation.resource, operation.name,
                "Precondition failed: UID in precondition: \(object.uid), UID in object meta: \(existing.value.uid)")
        }
        var answer = try write(object, over: existing, operation)
        answer.warn(warnings)
        return answer
    }

    /// Applies a patch to an object, or to its status.
    mutating func patch(_ operation: Operation) throws(StatusError) -> APIAnswer {
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
        var (object, unknown) = try decoder.normalized(patched)
        let warnings = try decoder.check(duplicates: [], unknown: unknown, kind: operation.definition.kind)
        try checkIdentity(of: &object, operation)
        var answer = try write(object, over: existing, operation)
        answer.warn(warnings)
        return answer
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

    /// Whether the body speaks of the object that the URL names.
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
    ) throws(StatusError) -> APIAnswer {
        let definition = operation.definition
        let version = object.at("metadata", "resourceVersion")?.string ?? ""
        if version.isEmpty {
            guard definition.allowsUnconditionalUpdate else {
                throw .invalid(
                    operation.resource, operation.name,
                    [
                        FieldError(
                            .invalid, at: "metadata.resourceVersion", value: 0,
                            detail: "must be specified for an update")
                    ])
            }
        } else if version != String(existing.resourceVersion) {
            throw .modified(operation.resource, operation.name)
        }
        var new = operation.isStatus ? existing.value : object
        if operation.isStatus {
            new["status"] = object["status"]
        } else if operation.version.hasStatus {
            new["status"] = existing.value["status"]
        }
        prepareForUpdate(&new, from: existing.value, operation)
        try validate(new, old: existing.value, operation)
        return try finish(new, over: existing, operation)
    }

    /// Restores what only the server may change, and counts a change of what is asked for.
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
    ) throws(StatusError) -> APIAnswer {
        // A write that changes nothing is none: the version stays.
        guard object != existing.value else { return operation.answer(existing) }
        var object = object
        ManagedFields.note(change: object, from: existing.value, operation)
            .map { object.set($0, at: "metadata", "managedFields") }
        guard !operation.call.isDryRun else { return APIAnswer(status: 200, value: object) }
        let stored = try store(object, as: operation.resource)
        if object.isBeingDeleted, object.finalizers.isEmpty, operation.definition.origin != .namespace {
            try take(stored, from: operation.resource)
        } else if operation.definition.origin == .resourceQuota {
            try countUsage(of: stored.value)
        }
        return operation.answer(stored, isCommitted: true)
    }
}

extension ObjectMetadata {
    /// The mistakes of an update that changes what never changes.
    static func changesOfImmutableFields(from old: Value, to new: Value) -> [FieldError] {
        ["name", "namespace", "uid", "creationTimestamp"].compactMap { key in
            let value = new.at("metadata", key)
            guard value != old.at("metadata", key) else { return nil }
            return FieldError(.invalid, at: "metadata.\(key)", value: value ?? "", detail: "field is immutable")
        }
    }
}
