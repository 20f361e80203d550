import Components
import HTTPTypes
import JSON
import YAML

/// What a client sent, as a value.
enum RequestDocument {
    /// The document of a body, JSON or YAML as its `Content-Type` says.
    static func document(of request: AdmittedRequest) throws(RequestFault) -> JSONValue {
        let format = try BodyFormat(contentType: request.head.headerFields[.contentType])
        let bytes = try bytes(of: request)
        switch format {
        case .json:
            do throws(JSONError) {
                return try JSONValue(parsing: bytes)
            } catch {
                throw .malformedBody(
                    "The body cannot be read as JSON: line \(error.line), column \(error.column): \(error.message)."
                        + hint(of: request))
            }
        case .yaml:
            do throws(YAMLError) {
                return try JSONValue(parsingYAML: bytes)
            } catch {
                throw .malformedBody("The body cannot be read as YAML: \(error.description).")
            }
        }
    }

    /// Checks that an operation that takes nothing was given nothing: no body, or an empty mapping.
    static func requireNothing(in request: AdmittedRequest) throws(RequestFault) {
        // Clients give bodies that are empty all kinds of types.
        guard try !bytes(of: request).isEmpty else { return }
        guard try document(of: request) == .object(JSONObject()) else { throw .bodyNotAllowed }
    }

    private static func bytes(of request: AdmittedRequest) throws(RequestFault) -> [UInt8] {
        switch request.body {
        case .success(let bytes): return bytes
        case .failure(let fault): throw .body(fault)
        }
    }

    private static func hint(of request: AdmittedRequest) -> String {
        request.head.headerFields[.contentType] == nil
            ? " It was read as JSON because no Content-Type was given: say application/yaml if it is YAML." : ""
    }
}
