/// Why a CRD's schema cannot be served.
///
/// Either the real server would refuse it too, or it asks for something that the fake does not enforce: a rule that is
/// silently not enforced would be worse than none.
struct SchemaError: Error, Equatable, CustomStringConvertible {
    /// Where in the schema, such as `openAPIV3Schema.properties[spec].type`.
    let path: String
    let message: String

    var description: String { "\(path): \(message)" }
}
