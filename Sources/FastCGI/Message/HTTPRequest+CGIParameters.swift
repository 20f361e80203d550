import HTTPTypes

/// Why parameters are no HTTP request: a web server always sends method and path.
enum CGIFault: String, Error {
    case method = "REQUEST_METHOD is missing or no method"
    case path = "REQUEST_URI is missing or holds control characters"
}

extension HTTPRequest {
    /// The request that CGI parameters describe (RFC 3875, section 4.1).
    ///
    /// A header field whose name HTTP does not allow is left out: no responder can read it. In a value, characters that HTTP
    /// does not allow become spaces (RFC 9110, section 5.5): if the field were left out, a precondition in it would be
    /// ignored. The client's `Content-Type` and `Content-Length` come as CONTENT_TYPE and CONTENT_LENGTH;
    /// their `HTTP_` twins, which some web servers add, are ignored, so the two can never differ.
    init(cgiParameters parameters: [CGIParameter]) throws(CGIFault) {
        guard let method = parameters.first(named: "REQUEST_METHOD").flatMap(Method.init(rawValue:)) else {
            throw .method
        }
        guard let path = parameters.first(named: "REQUEST_URI"), !path.isEmpty,
            path.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F })
        else { throw .path }
        self.init(
            method: method, scheme: parameters.first(named: "REQUEST_SCHEME"),
            authority: parameters.first(named: "HTTP_HOST"), path: path)
        if let type = parameters.first(named: "CONTENT_TYPE"), !type.isEmpty, HTTPField.isValidValue(type) {
            headerFields.append(HTTPField(name: .contentType, value: type))
        }
        for parameter in parameters {
            guard let field = HTTPField(cgiParameter: parameter) else { continue }
            headerFields.append(field)
        }
    }
}

extension HTTPField {
    /// The field that an `HTTP_` parameter stands for, or `nil`: `HTTP_X_REQUEST_ID` is `x-request-id`.
    fileprivate init?(cgiParameter parameter: CGIParameter) {
        guard parameter.isHeaderField,
            let name = Name(Self.fieldName(parameter.name)),
            name != .contentType, name != .contentLength, name.canonicalName != "host"
        else { return nil }
        self.init(name: name, value: parameter.value)
    }

    /// What stands behind the `HTTP_` of a CGI name, its underscores back to dashes, upper case to lower.
    private static func fieldName(_ name: String) -> String {
        let bytes = name.utf8.dropFirst(5)
        return String(unsafeUninitializedCapacity: bytes.count) { buffer in
            for (index, byte) in bytes.enumerated() {
                buffer[index] =
                    switch byte {
                    case UInt8(ascii: "_"): UInt8(ascii: "-")
                    case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
                    default: byte
                    }
            }
            return bytes.count
        }
    }
}

extension [CGIParameter] {
    /// The value of the first parameter of that name.
    func first(named name: String) -> String? { first { $0.name == name }?.value }
}
