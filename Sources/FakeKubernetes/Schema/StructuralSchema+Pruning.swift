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
            // Kept fields need no schema of what is inside them.
            if schema?.items == nil, schema?.preservesUnknownFields == true { return value }
            return .array(
                elements.enumerated().map { index, element in
                    prune(element, to: schema?.items, at: "\(path)[\(index)]", unknown: &unknown)
                })
        case .null, .bool, .int, .double, .string: return value
        }
    }
}
