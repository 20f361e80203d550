/// Reads a schema and its subschemas, and refuses what is not structural or not enforced by the fake.
struct SchemaReader {
    /// The schema's path, for errors.
    let path: String
    var isRoot = false
    /// Whether an update can find the old value of what the schema describes, as it cannot inside a list.
    var isCorrelatable = true

    private static let documentation: Set<String> = ["description", "title", "example", "externalDocs"]

    private static let served: Set<String> = [
        "type", "nullable", "properties", "additionalProperties", "items", "required", "minLength", "maxLength",
        "minItems", "maxItems", "minProperties", "maxProperties", "minimum", "maximum", "exclusiveMinimum",
        "exclusiveMaximum", "pattern", "format", "enum", "default", "x-kubernetes-preserve-unknown-fields",
        "x-kubernetes-int-or-string", "x-kubernetes-validations", "x-kubernetes-list-type", "x-kubernetes-map-type",
    ]

    func read(_ value: Value) throws(SchemaError) -> SchemaNode {
        guard let schema = value.object else { throw error("must be an object") }
        for key in schema.keys where !Self.served.contains(key) && !Self.documentation.contains(key) {
            throw error(at: key, "is not enforced by this server")
        }
        let isIntOrString = try flag("x-kubernetes-int-or-string", of: schema)
        let preservesUnknownFields = try flag("x-kubernetes-preserve-unknown-fields", of: schema)
        let kinds = try kinds(of: schema, isIntOrString: isIntOrString, mayBeAny: preservesUnknownFields)
        try checkListAndMapTypes(of: schema)

        let node = SchemaNode(
            kinds: kinds,
            isNullable: try flag("nullable", of: schema),
            preservesUnknownFields: preservesUnknownFields,
            properties: try properties(of: schema),
            additionalProperties: try additionalProperties(of: schema),
            items: try items(of: schema, isArray: kinds == [.array]),
            required: try required(of: schema),
            limits: try limits(of: schema),
            pattern: try pattern(of: schema),
            format: try format(of: schema),
            allowed: try allowed(of: schema),
            defaultValue: schema["default"],
            immutability: try immutability(of: schema)
        )
        if isRoot, node.additionalProperties != nil {
            throw error(at: "additionalProperties", "must not be used at the root")
        }
        if node.additionalProperties != nil, !node.properties.isEmpty {
            throw error(at: "additionalProperties", "must not be used together with properties")
        }
        if let defaultValue = node.defaultValue, let mistake = node.errors(in: defaultValue, at: path, old: nil).first {
            throw error(at: "default", mistake.message)
        }
        return node
    }

    // MARK: Keywords

    private func kinds(of schema: Members, isIntOrString: Bool, mayBeAny: Bool) throws(SchemaError) -> [SchemaNode.Kind]
    {
        switch schema["type"] {
        case nil where isIntOrString: return [.integer, .string]
        case nil where mayBeAny && !isRoot: return []
        case nil, .string("")?:
            throw error(at: "type", "Required value: must not be empty for specified object fields")
        case .string(let name)?:
            guard let kind = SchemaNode.Kind(rawValue: name) else {
                throw error(at: "type", "Unsupported value: \(name.goQuoted)")
            }
            guard !isIntOrString else {
                throw error(at: "type", "must be empty if x-kubernetes-int-or-string is true")
            }
            return [kind]
        default: throw error(at: "type", "must be a string")
        }
    }

    private func properties(of schema: Members) throws(SchemaError) -> [(name: String, schema: SchemaNode)] {
        guard let value = schema["properties"] else { return [] }
        guard let members = value.object else { throw error(at: "properties", "must be an object") }
        var properties: [(name: String, schema: SchemaNode)] = []
        for (name, value) in members where !(isRoot && StructuralSchema.typeAndMetadata.contains(name)) {
            let reader = SchemaReader(path: "\(path).properties[\(name)]", isCorrelatable: isCorrelatable)
            properties.append((name: name, schema: try reader.read(value)))
        }
        return properties
    }

    private func additionalProperties(of schema: Members) throws(SchemaError) -> SchemaNode? {
        guard let value = schema["additionalProperties"] else { return nil }
        guard value.object != nil else { throw error(at: "additionalProperties", "must be a schema") }
        return try SchemaReader(path: "\(path).additionalProperties", isCorrelatable: isCorrelatable).read(value)
    }

    private func items(of schema: Members, isArray: Bool) throws(SchemaError) -> SchemaNode? {
        guard let value = schema["items"] else {
            if isArray { throw error(at: "items", "Required value: must be specified") }
            return nil
        }
        guard isArray else { throw error(at: "items", "must be used with type array alone") }
        return try SchemaReader(path: "\(path).items", isCorrelatable: false).read(value)
    }

    private func limits(of schema: Members) throws(SchemaError) -> SchemaNode.Limits {
        SchemaNode.Limits(
            length: (try count("minLength", of: schema), try count("maxLength", of: schema)),
            items: (try count("minItems", of: schema), try count("maxItems", of: schema)),
            properties: (try count("minProperties", of: schema), try count("maxProperties", of: schema)),
            minimum: try bound("minimum", isExclusive: flag("exclusiveMinimum", of: schema), of: schema),
            maximum: try bound("maximum", isExclusive: flag("exclusiveMaximum", of: schema), of: schema)
        )
    }

    private func pattern(of schema: Members) throws(SchemaError) -> SchemaPattern? {
        guard let value = schema["pattern"] else { return nil }
        guard let text = value.string else { throw error(at: "pattern", "must be a string") }
        do {
            return try SchemaPattern(text)
        } catch {
            throw self.error(at: "pattern", "Invalid value: \(text.goQuoted): \(error.message)")
        }
    }

    private func format(of schema: Members) throws(SchemaError) -> SchemaNode.Format? {
        guard let value = schema["format"] else { return nil }
        guard let name = value.string, let format = SchemaNode.Format(rawValue: name) else {
            throw error(at: "format", "is not enforced by this server")
        }
        return format
    }

    private func allowed(of schema: Members) throws(SchemaError) -> [Value] {
        guard let value = schema["enum"] else { return [] }
        guard let values = value.array, !values.isEmpty else { throw error(at: "enum", "must be a list of values") }
        return values
    }

    private func immutability(of schema: Members) throws(SchemaError) -> [SchemaNode.Immutability] {
        guard let value = schema["x-kubernetes-validations"] else { return [] }
        guard let rules = value.array else { throw error(at: "x-kubernetes-validations", "must be a list of rules") }
        var result: [SchemaNode.Immutability] = []
        for (index, rule) in rules.enumerated() {
            let place = "x-kubernetes-validations[\(index)]"
            guard let members = rule.object, members["rule"]?.string == "self == oldSelf" else {
                throw error(at: "\(place).rule", "is not enforced by this server, which knows self == oldSelf alone")
            }
            for key in members.keys where !["rule", "message", "reason"].contains(key) {
                throw error(at: "\(place).\(key)", "is not enforced by this server")
            }
            guard isCorrelatable else {
                throw error(at: "\(place).rule", "oldSelf cannot be used on the uncorrelatable portion of the schema")
            }
            guard let reason = FieldError.Reason(rawValue: members["reason"]?.string ?? "FieldValueInvalid"),
                [.invalid, .forbidden, .required, .duplicate].contains(reason)
            else { throw error(at: "\(place).reason", "Unsupported value") }
            let message = members["message"]?.string ?? "failed rule: self == oldSelf"
            result.append(SchemaNode.Immutability(reason: reason, message: message))
        }
        return result
    }

    private func checkListAndMapTypes(of schema: Members) throws(SchemaError) {
        if let type = schema["x-kubernetes-list-type"], type != "atomic" {
            throw error(at: "x-kubernetes-list-type", "is not enforced by this server, which knows atomic alone")
        }
        if let type = schema["x-kubernetes-map-type"], type != "atomic", type != "granular" {
            throw error(at: "x-kubernetes-map-type", "Unsupported value")
        }
    }

    // MARK: Values of keywords

    private func flag(_ key: String, of schema: Members) throws(SchemaError) -> Bool {
        guard let value = schema[key] else { return false }
        guard let flag = value.bool else { throw error(at: key, "must be a boolean") }
        return flag
    }

    private func count(_ key: String, of schema: Members) throws(SchemaError) -> Int64? {
        guard let value = schema[key] else { return nil }
        guard let count = value.int, count >= 0 else { throw error(at: key, "must be a non-negative integer") }
        return count
    }

    private func bound(_ key: String, isExclusive: Bool, of schema: Members) throws(SchemaError) -> SchemaNode.Bound? {
        switch schema[key] {
        case nil: return nil
        case .int(let value)?: return SchemaNode.Bound(value: Double(value), isExclusive: isExclusive)
        case .double(let value)?: return SchemaNode.Bound(value: value, isExclusive: isExclusive)
        default: throw error(at: key, "must be a number")
        }
    }

    private func required(of schema: Members) throws(SchemaError) -> [String] {
        guard let value = schema["required"] else { return [] }
        guard let values = value.array else { throw error(at: "required", "must be a list of strings") }
        var names: [String] = []
        for value in values {
            guard let name = value.string else { throw error(at: "required", "must be a list of strings") }
            if !(isRoot && StructuralSchema.typeAndMetadata.contains(name)) { names.append(name) }
        }
        return names
    }

    private func error(at key: String, _ message: String) -> SchemaError {
        SchemaError(path: "\(path).\(key)", message: message)
    }

    private func error(_ message: String) -> SchemaError { SchemaError(path: path, message: message) }
}

/// Why a CRD's schema cannot be served.
///
/// Either the real server refuses it too, or it has a rule that the fake does not enforce: a test must not pass because a rule
/// is ignored.
struct SchemaError: Error, Equatable, CustomStringConvertible {
    /// Where in the schema, such as `openAPIV3Schema.properties[spec].type`.
    let path: String
    let message: String

    var description: String { "\(path): \(message)" }
}
