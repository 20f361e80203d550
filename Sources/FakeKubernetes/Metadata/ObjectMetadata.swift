/// The rules for `metadata`.
enum ObjectMetadata {
    /// The fields that the real server knows; it drops all others.
    private static let fields: Set<String> = [
        "name", "generateName", "namespace", "selfLink", "uid", "resourceVersion", "generation", "creationTimestamp",
        "deletionTimestamp", "deletionGracePeriodSeconds", "labels", "annotations", "ownerReferences", "finalizers",
        "managedFields",
    ]
    private static let annotationLimit = 262_144

    /// The metadata as the real server reads it: fields that it does not know, and empty ones, are dropped.
    ///
    /// - Throws: What is wrong with the type of a field, in Go's words.
    static func normalized(_ metadata: Value) throws(ValueSyntaxError) -> (metadata: Value, unknown: [String]) {
        var kept = Members()
        var unknown: [String] = []
        for (key, value) in metadata.object ?? [:] {
            guard fields.contains(key) else {
                unknown.append("metadata.\(key)")
                continue
            }
            if let value = try normalized(value, key: key) { kept[key] = value }
        }
        return (.object(kept), unknown)
    }

    /// The field, or `nil` for one that says nothing.
    private static func normalized(_ value: Value, key: String) throws(ValueSyntaxError) -> Value? {
        switch (key, value) {
        case (_, .null): return nil
        case ("labels", .object(let members)), ("annotations", .object(let members)):
            var texts = Members()
            for (name, value) in members {
                guard value.isNull || value.string != nil else { throw wrongType(value, key, "string") }
                texts[name] = .string(value.string ?? "")
            }
            return members.isEmpty ? nil : .object(texts)
        case ("labels", _), ("annotations", _): throw wrongType(value, key, "map[string]string")
        case ("ownerReferences", .array(let elements)), ("finalizers", .array(let elements)),
            ("managedFields", .array(let elements)):
            return elements.isEmpty ? nil : value
        case ("ownerReferences", _), ("finalizers", _), ("managedFields", _): throw wrongType(value, key, "[]string")
        case ("generation", .int), ("deletionGracePeriodSeconds", .int): return value == 0 ? nil : value
        case ("generation", _), ("deletionGracePeriodSeconds", _): throw wrongType(value, key, "int64")
        case (_, .string(let text)): return text.isEmpty ? nil : value
        default: throw wrongType(value, key, "string")
        }
    }

    private static func wrongType(_ value: Value, _ key: String, _ type: String) -> ValueSyntaxError {
        ValueSyntaxError(
            message:
                "json: cannot unmarshal \(value.goKind) into Go struct field ObjectMeta.metadata.\(key) of type \(type)"
        )
    }

    /// What is wrong with the metadata of an object.
    static func problems(of metadata: Value, for definition: ResourceDefinition) -> [FieldError] {
        var errors: [FieldError] = []
        let name = metadata["name"]?.string ?? ""
        if name.isEmpty {
            errors.append(
                FieldError(.required, at: "metadata.name", detail: "name or generateName is required"))
        } else {
            let problems =
                definition.origin == .namespace
                ? ObjectName.problemsOfLabel(name) : ObjectName.problemsOfSubdomain(name)
            errors += problems.map { FieldError(.invalid, at: "metadata.name", value: .string(name), detail: $0) }
        }
        for (key, value) in metadata["labels"]?.object ?? [:] {
            errors += ObjectName.problemsOfKey(key).map {
                FieldError(.invalid, at: "metadata.labels", value: .string(key), detail: $0)
            }
            errors += ObjectName.problemsOfLabelValue(value.string ?? "").map {
                FieldError(.invalid, at: "metadata.labels", value: value, detail: $0)
            }
        }
        var size = 0
        for (key, value) in metadata["annotations"]?.object ?? [:] {
            errors += ObjectName.problemsOfKey(key.lowercased()).map {
                FieldError(.invalid, at: "metadata.annotations", value: .string(key), detail: $0)
            }
            size += key.utf8.count + (value.string?.utf8.count ?? 0)
        }
        if size > annotationLimit {
            errors.append(
                FieldError(
                    .tooLong, at: "metadata.annotations", detail: "may not be more than \(annotationLimit) bytes"))
        }
        errors += problems(ofOwners: metadata["ownerReferences"]?.array ?? [])
        for finalizer in metadata["finalizers"]?.array ?? [] {
            errors += ObjectName.problemsOfKey(finalizer.string ?? "").map {
                FieldError(.invalid, at: "metadata.finalizers", value: finalizer, detail: $0)
            }
        }
        return errors
    }

    private static func problems(ofOwners references: [Value]) -> [FieldError] {
        var errors: [FieldError] = []
        for reference in references {
            for key in ["apiVersion", "kind", "name", "uid"] where reference[key]?.string ?? "" == "" {
                errors.append(
                    FieldError(
                        .invalid, at: "metadata.ownerReferences.\(key)", value: "", detail: "must not be empty"))
            }
        }
        let controllers = references.filter { $0["controller"] == true }
        if controllers.count > 1 {
            let names = controllers.prefix(2).map { "\($0["kind"]?.string ?? "")/\($0["name"]?.string ?? "")" }
            let fields = ["apiVersion", "kind", "name", "uid", "controller", "blockOwnerDeletion"]
            // In the order of the fields of Go's struct.
            let list = references.map { reference in
                let members = fields.compactMap { key in reference[key].map { "\"\(key)\":\($0.text)" } }
                return "{\(members.joined(separator: ","))}"
            }
            errors.append(
                FieldError(
                    .invalid, at: "metadata.ownerReferences",
                    detail: "[\(list.joined(separator: ","))]: Only one reference can have Controller set to true. "
                        + "Found \"true\" in references for \(names.joined(separator: " and "))"))
        }
        return errors
    }
}
