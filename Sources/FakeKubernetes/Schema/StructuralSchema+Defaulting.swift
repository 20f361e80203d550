extension StructuralSchema {
    /// The object with the schema's defaults, and without each `null` where none may stand and no default replaces it.
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
