import Foundation

extension StructuralSchema {
    /// The mistakes in an object, in the order of its fields; a valid object has none.
    ///
    /// An update is not refused for a value that is the same as in `old`, as in the real server since 1.30 ("ratcheting").
    /// - Parameters:
    ///   - object: The whole object, pruned and defaulted.
    ///   - old: The object that it replaces; `nil` for a create, on which transition rules are not checked.
    func validate(_ object: Value, old: Value?) -> [FieldError] {
        let errors = root.errors(in: object.withoutTypeAndMetadata, at: "", old: old?.withoutTypeAndMetadata)
        guard root.hasRules else { return errors }
        let blocking: [FieldError.Reason] = [.notSupported, .required, .tooLong, .tooMany, .typeInvalid]
        if errors.contains(where: { blocking.contains($0.reason) }) {
            return errors + [
                FieldError(
                    .invalid, at: "<nil>", value: .null,
                    detail: "some validation rules were not checked because the object was invalid; "
                        + "correct the existing errors to complete validation")
            ]
        }
        guard let old else { return errors }
        return errors + root.transitionErrors(in: object, at: "", old: old)
    }
}

extension Value {
    fileprivate var withoutTypeAndMetadata: Value {
        guard var members = object else { return self }
        for key in StructuralSchema.typeAndMetadata { members[key] = nil }
        return .object(members)
    }
}

extension SchemaNode {
    /// The mistakes of a value and of all values in it; transition rules are not checked.
    func errors(in value: Value, at path: String, old: Value?) -> [FieldError] {
        if let old, old == value { return [] }
        let typeErrors = typeErrors(of: value, at: path)
        var errors = typeErrors
        switch value {
        case .string(let text): errors += stringErrors(of: text, at: path)
        case .int, .double: errors += numberErrors(of: value, at: path)
        case .array(let elements): errors += arrayErrors(of: elements, at: path)
        case .object, .bool, .null: break
        }
        if !allowed.isEmpty, !allowed.contains(value) {
            let values = allowed.map { ($0.string ?? $0.text).goQuoted }.joined(separator: ", ")
            errors.append(error(.notSupported, path, value, "supported values: \(values)"))
        }
        if case .object(let members) = value { errors += objectErrors(of: members, at: path, old: old) }
        return errors
    }

    /// The transition rules that a changed value breaks, and those that the values in it break.
    func transitionErrors(in value: Value, at path: String, old: Value) -> [FieldError] {
        guard value != old else { return [] }
        let isContainer = value.object != nil || value.array != nil
        var errors = immutability.map { rule in
            error(rule.reason, path, isContainer ? nil : value, rule.message)
        }
        if let members = value.object, let oldMembers = old.object {
            for (name, value) in members {
                guard let schema = member(name), let old = oldMembers[name] else { continue }
                errors += schema.transitionErrors(in: value, at: path.isEmpty ? name : "\(path).\(name)", old: old)
            }
        }
        return errors
    }

    private func typeErrors(of value: Value, at path: String) -> [FieldError] {
        let found: (name: String, fits: Bool) =
            switch value {
            case .null: ("null", isNullable)
            case .bool: ("boolean", kinds.contains(.boolean))
            case .int: ("integer", kinds.contains(.integer) || kinds.contains(.number))
            case .double(let double):
                ("number", kinds.contains(.number) || (kinds.contains(.integer) && double == double.rounded()))
            case .string: ("string", kinds.contains(.string))
            case .array: ("array", kinds.contains(.array))
            case .object: ("object", kinds.contains(.object))
            }
        guard !kinds.isEmpty, !found.fits else { return [] }
        let types = kinds.map(\.rawValue).joined(separator: ",")
        return [
            error(
                .typeInvalid, path, .string(found.name), "\(path) in body must be of type \(types): \"\(found.name)\"")
        ]
    }

    private func stringErrors(of text: String, at path: String) -> [FieldError] {
        let length = Int64(text.unicodeScalars.count)
        if let maximum = limits.length.maximum, length > maximum {
            return [error(.tooLong, path, nil, "may not be more than \(maximum) bytes")]
        }
        if let minimum = limits.length.minimum, length < minimum {
            return [error(.invalid, path, .string(text), "\(path) in body should be at least \(minimum) chars long")]
        }
        if let pattern, !pattern.matches(text) {
            return [error(.invalid, path, .string(text), "\(path) in body should match '\(pattern.text)'")]
        }
        if format == .dateTime, (try? Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(text)) == nil,
            (try? Date.ISO8601FormatStyle().parse(text)) == nil
        {
            return [
                error(
                    .typeInvalid, path, .string(text), "\(path) in body must be of type date-time: \(text.goQuoted)")
            ]
        }
        return []
    }

    private func numberErrors(of value: Value, at path: String) -> [FieldError] {
        let number: Double =
            switch value {
            case .int(let int): Double(int)
            case .double(let double): double
            default: .nan
            }
        var errors: [FieldError] = []
        if format == .int32, !(-2_147_483_648...2_147_483_647).contains(number) {
            errors.append(error(.invalid, path, value, "Checked value must be of type integer with format int32"))
        }
        if let maximum = limits.maximum, maximum.isExclusive ? number >= maximum.value : number > maximum.value {
            let relation = maximum.isExclusive ? "less than" : "less than or equal to"
            errors.append(error(.invalid, path, value, "\(path) in body should be \(relation) \(maximum.text)"))
        }
        if let minimum = limits.minimum, minimum.isExclusive ? number <= minimum.value : number < minimum.value {
            let relation = minimum.isExclusive ? "greater than" : "greater than or equal to"
            errors.append(error(.invalid, path, value, "\(path) in body should be \(relation) \(minimum.text)"))
        }
        return errors
    }

    private func arrayErrors(of elements: [Value], at path: String) -> [FieldError] {
        let count = Int64(elements.count)
        var errors: [FieldError] = []
        if let items {
            for (index, element) in elements.enumerated() {
                errors += items.errors(in: element, at: "\(path)[\(index)]", old: nil)
            }
        }
        if let minimum = limits.items.minimum, count < minimum {
            errors.append(
                error(.invalid, path, .int(count), "\(path) in body should have at least \(minimum) items"))
        }
        if let maximum = limits.items.maximum, count > maximum {
            errors.append(error(.tooMany, path, .int(count), "must have at most \(maximum) items"))
        }
        return errors
    }

    private func objectErrors(of members: Members, at path: String, old: Value?) -> [FieldError] {
        let count = Int64(members.count)
        if let minimum = limits.properties.minimum, count < minimum {
            return [error(.invalid, path, .int(count), "\(path) in body should have at least \(minimum) properties")]
        }
        if let maximum = limits.properties.maximum, count > maximum {
            return [error(.tooMany, path, .int(count), "must have at most \(maximum) items")]
        }
        var errors: [FieldError] = []
        for (name, value) in members {
            guard let schema = member(name) else { continue }
            errors += schema.errors(in: value, at: path.isEmpty ? name : "\(path).\(name)", old: old?[name])
        }
        for name in required where members[name] == nil {
            errors.append(error(.required, path.isEmpty ? name : "\(path).\(name)", nil, ""))
        }
        return errors
    }

    private func error(_ reason: FieldError.Reason, _ path: String, _ value: Value?, _ detail: String) -> FieldError {
        FieldError(reason, at: path.isEmpty ? "<nil>" : path, value: value, detail: detail)
    }
}

extension SchemaNode.Bound {
    fileprivate var text: String { (Int64(exactly: value).map { .int($0) } ?? Value.double(value)).text }
}
