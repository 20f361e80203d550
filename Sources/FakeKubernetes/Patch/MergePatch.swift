/// A patch that looks like the document (RFC 7396): objects are merged, `null` removes, everything else replaces.
struct MergePatch: Sendable {
    let document: Members

    init(_ document: Value) throws(PatchError) {
        guard let members = document.object else { throw .malformed("Invalid JSON Patch") }
        self.document = members
    }

    /// The patched document.
    func applied(to target: Value) -> Value { Self.merge(document, into: target) }

    private static func merge(_ patch: Members, into target: Value) -> Value {
        var result = target.object ?? [:]
        for (key, value) in patch {
            switch value {
            case .null: result[key] = nil
            case .object(let members): result[key] = merge(members, into: result[key] ?? .null)
            default: result[key] = value
            }
        }
        return .object(result)
    }
}
