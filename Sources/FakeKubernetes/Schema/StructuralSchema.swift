/// The schema of a custom resource: what a CRD says under `openAPIV3Schema`, enforced as the real server does.
///
/// It enforces types, `required`, the limits of lengths, numbers, items and properties, patterns, enums, defaults,
/// `nullable` and the one CEL rule `self == oldSelf`, and keeps or prunes unknown fields. A schema with anything else
/// is refused when it is read. At the root, `apiVersion`, `kind` and `metadata` are not checked against the schema.
struct StructuralSchema: Sendable {
    let root: SchemaNode

    /// The names at the root that the server itself manages.
    static let typeAndMetadata: Set<String> = ["apiVersion", "kind", "metadata"]

    /// Reads the value of a CRD's `openAPIV3Schema`.
    ///
    /// - Throws: `SchemaError` for a schema that is not structural, and for a rule that the fake does not enforce.
    init(crdSchema: Value) throws(SchemaError) {
        root = try SchemaReader(path: "openAPIV3Schema", isRoot: true).read(crdSchema)
        guard root.kinds == [.object] else {
            throw SchemaError(path: "openAPIV3Schema.type", message: "must be object at the root")
        }
    }
}

extension StructuralSchema {
    /// The object with the schema's defaults.
    ///
    /// A `null` that the schema does not allow is replaced by the default, or removed if there is none.
    func defaulting(_ object: Value) -> Value { root.defaulting(object) }
}

extension SchemaNode {
    fileprivate func defaulting(_ value: Value) -> Value {
        switch value {
        case .object(let members):
            var result: [(String, Value)] = []
            for (name, value) in members {
                guard let schema = member(name) else {
                    result.append((name, value))
                    continue
                }
                if value.isNull, !schema.isNullable {
                    if let defaultValue = schema.defaultValue { result.append((name, schema.defaulting(defaultValue))) }
                } else {
                    result.append((name, schema.defaulting(value)))
                }
            }
            for (name, schema) in properties where members[name] == nil {
                if let defaultValue = schema.defaultValue { result.append((name, schema.defaulting(defaultValue))) }
            }
            return .object(Members(result))
        case .array(let elements):
            guard let items else { return value }
            return .array(
                elements.map { element in
                    element.isNull && !items.isNullable ? items.defaultValue ?? .null : items.defaulting(element)
                })
        case .null, .bool, .int, .double, .string: return value
        }
    }
}

extension StructuralSchema {
    /// The object without the fields that the schema does not know, and the paths of those, in order.
    func prune(_ object: Value) -> (Value, unknown: [String]) {
        guard let members = object.object else { return (object, []) }
        var own = members
        var kept = Members()
        for key in Self.typeAndMetadata {
            kept[key] = own.removeValue(forKey: key)
        }
        var unknown: [String] = []
        let pruned = SchemaNode.prune(.object(own), to: root, at: "", unknown: &unknown)
        for (key, value) in pruned.object ?? [:] { kept[key] = value }
        return (.object(kept), unknown.sorted { $0.isBeforeInBytes($1) })
    }
}

extension SchemaNode {
    /// A value without what the schema does not know; a schema that is `nil` knows no fields at all.
    fileprivate static func prune(
        _ value: Value, to schema: SchemaNode?, at path: String, unknown: inout [String]
    ) -> Value {
        switch value {
        case .object(let members):
            var kept: [(String, Value)] = []
            for (name, value) in members {
                let place = path.isEmpty ? name : "\(path).\(name)"
                if let member = schema?.member(name) {
                    kept.append((name, prune(value, to: member, at: place, unknown: &unknown)))
                } else if schema?.preservesUnknownFields == true {
                    kept.append((name, value))
                } else {
                    unknown.append(place)
                }
            }
            return .object(Members(kept))
        case .array(let elements):
            // Fields that are kept whole need no schema.
            if schema?.items == nil, schema?.preservesUnknownFields == true { return value }
            return .array(
                elements.enumerated().map { index, element in
                    prune(element, to: schema?.items, at: "\(path)[\(index)]", unknown: &unknown)
                })
        case .null, .bool, .int, .double, .string: return value
        }
    }
}
