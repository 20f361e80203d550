import Components
import HTTPTypes
import JSON
import YAML

/// What a client sent, as a value.
enum RequestDocument {
    /// The document of a body, JSON or YAML as its `Content-Type` says.
    static func document(of request: AdmittedRequest) throws(RequestFault) -> JSONValue {
        if let coding = request.head.headerFields[.contentEncoding], coding.lowercased() != "identity" {
            throw .contentEncoding(coding)
        }
        let format = try BodyFormat(contentType: request.head.headerFields[.contentType])
        let bytes = try bytes(of: request)
        switch format {
        case .json:
            do throws(JSONError) {
                return try JSONValue(parsing: bytes)
            } catch {
                throw .malformedBody(
                    "The body cannot be read as JSON: line \(error.line), column \(error.column): \(error.message)."
                        + jsonHint(for: bytes, of: request),
                    at: JSONPlaces.Place(line: error.line, column: error.column))
            }
        case .yaml:
            do throws(YAMLError) {
                return try JSONValue(parsingYAML: bytes)
            } catch {
                throw .malformedBody(
                    "The body cannot be read as YAML: " + yamlReason(error, for: bytes),
                    at: JSONPlaces.Place(line: error.line, column: error.column))
            }
        }
    }

    /// The document of a body that may be left out; `nil` for no body, for white space, and for a `null`, which generated
    /// clients send for none.
    static func optionalDocument(of request: AdmittedRequest) throws(RequestFault) -> JSONValue? {
        // Clients give bodies that are empty all kinds of types.
        guard try !bytes(of: request).allSatisfy(isWhiteSpace) else { return nil }
        let document = try document(of: request)
        guard document != .null else { return nil }
        return document
    }

    private static func bytes(of request: AdmittedRequest) throws(RequestFault) -> [UInt8] {
        switch request.body {
        case .success(let bytes): return bytes
        case .failure(let fault): throw .body(fault)
        }
    }

    /// What the author of YAML that was read as JSON should do.
    private static func jsonHint(for bytes: [UInt8], of request: AdmittedRequest) -> String {
        if request.head.headerFields[.contentType] == nil {
            return " It was read as JSON because no Content-Type was given: say application/yaml if it is YAML."
        }
        return looksLikeYAML(bytes) ? " It looks like YAML: send it with Content-Type: application/yaml." : ""
    }

    /// Why YAML cannot be read; and what to do if its line ends are gone, which `curl -d @file` removes.
    private static func yamlReason(_ error: YAMLError, for bytes: [UInt8]) -> String {
        let isOneLine = !bytes.contains { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
        let isComment = bytes.first == UInt8(ascii: "#")
        let isLonger = isComment || bytes.count { $0 == UInt8(ascii: ":") } > 1
        guard isOneLine, isLonger, bytes.first != UInt8(ascii: "{") else { return "\(error.description)." }
        let reason = isComment ? "it is one line that begins with '#', so all of it is a comment" : error.description
        return "\(reason). It has no line ends, which curl -d removes: send a file with curl --data-binary @FILE."
    }

    /// Whether the first line that is no comment begins a document, an item of a list, or a mapping without quotes.
    private static func looksLikeYAML(_ bytes: [UInt8]) -> Bool {
        for line in bytes.split(whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) {
            let text = line.drop(while: isWhiteSpace)
            guard let first = text.first else { continue }
            if first == UInt8(ascii: "#") { continue }
            let isKey =
                text.prefix { $0.isURIUnreserved }.count > 0
                && text.drop { $0.isURIUnreserved }.first == UInt8(ascii: ":")
            return isKey || text.starts(with: "---".utf8) || text.starts(with: "- ".utf8)
        }
        return false
    }

    private static func isWhiteSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
