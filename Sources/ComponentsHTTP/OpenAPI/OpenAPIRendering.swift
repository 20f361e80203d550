import JSON

/// The OpenAPI document as bytes, made once.
struct OpenAPIRendering: Sendable {
    /// The document without `servers`, from its first member on.
    private let rest: ArraySlice<UInt8>

    /// Renders the document of this version.
    init(version: String) {
        rest = OpenAPIDocument(version: version).json.serialized().dropFirst()
    }

    /// The document as seen from clients who reach this service under that prefix.
    func document(servedAt prefix: URLPrefix) -> [UInt8] {
        let servers: JSONValue = [["url": .string(prefix.path.isEmpty ? "/" : prefix.path)]]
        return Array("{\"servers\":".utf8) + servers.serialized() + [UInt8(ascii: ",")] + rest
    }
}
