/// The format of a request's body.
enum BodyFormat: String {
    case json = "application/json"
    case yaml = "application/yaml"
    case jsonPatch = "application/json-patch+json"
    case mergePatch = "application/merge-patch+json"

    /// The format that a `Content-Type` names; the default is JSON.
    ///
    /// - Throws: `unsupportedMediaType` with the formats that the real server accepts, which may be more than the fake's.
    init(_ contentType: String, isPatch: Bool) throws(StatusError) {
        let type = contentType.prefix { $0 != ";" }.trimmingPrefix { $0 == " " }.lowercased()
        let format = BodyFormat(rawValue: type.isEmpty && !isPatch ? "application/json" : type)
        switch format {
        case .json? where !isPatch, .yaml? where !isPatch, .jsonPatch? where isPatch, .mergePatch? where isPatch:
            self = format ?? .json
        default:
            throw .unsupportedMediaType(
                accepted: isPatch
                    ? ["application/json-patch+json", "application/merge-patch+json", "application/apply-patch+yaml"]
                    : ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"])
        }
    }
}
