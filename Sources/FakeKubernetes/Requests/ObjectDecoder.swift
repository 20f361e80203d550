/// Reads the object in a request's body as the real server does: type and version are checked, unknown fields reported.
struct ObjectDecoder {
    let operation: Operation

    private var definition: ResourceDefinition { operation.definition }

    /// The object, pruned and with the schema's defaults, and what to warn the client about.
    ///
    /// - Throws: 415 for another format, 400 for what is no object of this version, and, with
    ///   `fieldValidation=Strict`, for every field that would be dropped or stands twice.
    func object() throws(StatusError) -> (value: Value, warnings: [String]) {
        let format = try BodyFormat(operation.call.contentType, isPatch: false)
        let body = operation.call.body
        let read: (value: Value, duplicates: [String])
        do throws(ValueSyntaxError) {
            read = format == .yaml ? (try Value(yaml: body), []) : try Value.read(body)
        } catch {
            throw unrecognized("couldn't get version/kind; json parse error: \(error.message)")
        }
        guard read.value.object != nil else {
            throw unrecognized("couldn't get version/kind; json parse error: json: cannot unmarshal into an object")
        }
        // The kind may be left out where Go has a type for it.
        let implied = definition.origin == .custom ? nil : definition.kind
        guard let kind = read.value["kind"]?.string ?? implied, !kind.isEmpty else {
            throw unrecognized("Object 'Kind' is missing in '\(String(decoding: body, as: UTF8.self))'")
        }
        let expected = definition.apiVersion(operation.version)
        let apiVersion = read.value["apiVersion"]?.string ?? (read.value["kind"] == nil ? expected : "")
        guard apiVersion == expected else {
            throw .badRequest(
                "the API version in the data (\(apiVersion)) does not match the expected API version (\(expected))")
        }
        if definition.origin != .custom, kind != definition.kind {
            throw .badRequest(
                "\(kind) in version \"\(operation.version.name)\" cannot be handled as a \(definition.kind): "
                    + "converting (\(kind)) to (\(definition.kind)): unknown conversion")
        }
        let normalized: (value: Value, unknown: [String])
        do throws(ValueSyntaxError) {
            var object = read.value
            if implied != nil, object["kind"] == nil {
                (object["apiVersion"], object["kind"]) = (.string(expected), .string(kind))
            }
            normalized = try self.normalized(object)
        } catch {
            throw cannotBeHandled(kind: kind, error.message)
        }
        return (normalized.value, try check(duplicates: read.duplicates, unknown: normalized.unknown, kind: kind))
    }

    /// The object that a patch has made.
    ///
    /// - Throws: 422 for a field of another type than a built-in kind declares.
    func object(patched: Value) throws(StatusError) -> (value: Value, warnings: [String]) {
        let kind = definition.kind
        let normalized: (value: Value, unknown: [String])
        do throws(ValueSyntaxError) {
            normalized = try self.normalized(patched)
        } catch {
            guard definition.origin != .custom else { throw cannotBeHandled(kind: kind, error.message) }
            throw .invalid(
                GroupResource(group: "", resource: ""), "",
                [FieldError(.invalid, at: "patch", value: .string(patched.text), detail: error.message)])
        }
        return (normalized.value, try check(duplicates: [], unknown: normalized.unknown, kind: kind))
    }

    /// The object without unknown fields and with the defaults.
    ///
    /// - Throws: What is wrong with the type of a field, in Go's words.
    private func normalized(_ object: Value) throws(ValueSyntaxError) -> (value: Value, unknown: [String]) {
        let metadata = try ObjectMetadata.normalized(object.metadata)
        var object = object
        object["metadata"] = metadata.metadata
        var unknown = metadata.unknown
        if let schema = operation.version.schema {
            let pruned = schema.prune(object)
            unknown += pruned.unknown
            object = schema.defaulting(pruned.0)
        }
        try object.normalizeFields(of: definition.origin)
        if definition.groupResource == ResourceDefinition.pipelineRuns {
            for field in PipelineRunWebhook.unknownFields(of: object["spec"] ?? [:]) {
                object.set(nil, at: "spec", field)
                unknown.append("spec.\(field)")
            }
        }
        if let fields = definition.origin.fields {
            for (key, _) in object.object ?? [:] where !fields.contains(key) {
                object[key] = nil
                unknown.append(key)
            }
        }
        return (object, unknown)
    }

    /// What `fieldValidation` makes of fields that are dropped: a refusal, warnings or nothing.
    private func check(duplicates: [String], unknown: [String], kind: String) throws(StatusError) -> [String] {
        let problems = duplicates.map { "duplicate field \"\($0)\"" } + unknown.map { "unknown field \"\($0)\"" }
        switch operation.call.query["fieldValidation"] {
        case "Strict":
            guard !problems.isEmpty else { return [] }
            throw cannotBeHandled(kind: kind, "strict decoding error: " + problems.joined(separator: ", "))
        case "Ignore": return []
        default: return problems
        }
    }

    private func cannotBeHandled(kind: String, _ why: String) -> StatusError {
        .badRequest(
            "\(kind) in version \"\(operation.version.name)\" cannot be handled as a \(definition.kind): \(why)")
    }

    private func unrecognized(_ why: String) -> StatusError {
        .badRequest(
            "the object provided is unrecognized (must be of type \(definition.kind)): \(why) "
                + "(\(Self.summary(of: operation.call.body)))")
    }

    /// The beginning of a body, as the real server quotes it.
    private static func summary(of body: [UInt8]) -> String {
        guard !body.isEmpty else { return "<empty>" }
        let start = body.prefix(30)
        let text =
            body[0] == UInt8(ascii: "{")
            ? String(decoding: start, as: UTF8.self)
            : start.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return body.count > 30 ? text + " ..." : text
    }
}

extension ResourceDefinition.Origin {
    /// The fields at the root of a built-in kind; `nil`: any.
    fileprivate var fields: Set<String>? {
        switch self {
        case .custom: nil
        case .namespace, .resourceQuota, .pod, .customResourceDefinition:
            ["apiVersion", "kind", "metadata", "spec", "status"]
        case .lease: ["apiVersion", "kind", "metadata", "spec"]
        case .configMap: ["apiVersion", "kind", "metadata", "data", "binaryData", "immutable"]
        case .event:
            [
                "apiVersion", "kind", "metadata", "action", "count", "eventTime", "firstTimestamp", "involvedObject",
                "lastTimestamp", "message", "reason", "related", "reportingComponent", "reportingInstance", "series",
                "source", "type",
            ]
        }
    }
}
