/// The schema of a custom resource: what a CRD says under `openAPIV3Schema`, enforced as the real server does.
///
/// Served are types, `required`, the limits of lengths, numbers, items and properties, patterns, enums, defaults,
/// `nullable`, unknown fields kept or pruned, and of CEL the one rule `self == oldSelf`. A schema that asks for anything else
/// is refused when it is read. At the root, `apiVersion`, `kind` and `metadata` are not the schema's business.
struct StructuralSchema: Sendable {
    let root: SchemaNode

    /// The names at the root that the server itself looks after.
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
