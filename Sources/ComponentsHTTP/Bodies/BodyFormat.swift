import HTTPTypes
import JSON
import YAML

/// The formats of request and response bodies.
enum BodyFormat: Sendable, Equatable, CaseIterable {
    case json
    case yaml

    /// The media type of the responses in this format (RFC 8259; RFC 9512).
    var mediaType: String {
        switch self {
        case .json: "application/json"
        case .yaml: "application/yaml"
        }
    }

    /// The media types of requests that are read as this format.
    var acceptedMediaTypes: [String] {
        switch self {
        case .json: ["application/json"]
        case .yaml: ["application/yaml", "text/yaml", "application/x-yaml"]
        }
    }

    /// The media types of requests that are read, of either format.
    static var allMediaTypes: [String] { allCases.flatMap(\.acceptedMediaTypes) }

    /// The format for a `Content-Type`; JSON if there is none.
    ///
    /// Parameters are ignored, but a `charset` must be UTF-8.
    init(contentType: String?) throws(RequestFault) {
        guard let contentType, !contentType.isEmpty else {
            self = .json
            return
        }
        guard let type = MediaType(contentType),
            let format = Self.allCases.first(where: { $0.acceptedMediaTypes.contains(type.essence) }),
            ["utf-8", "utf8"].contains(type["charset"]?.lowercased() ?? "utf-8")
        else { throw .unsupportedMediaType(contentType) }
        self = format
    }

    /// The format that an `Accept` field prefers (RFC 9110, section 12.5.1); JSON if it prefers neither.
    ///
    /// The more specific range decides over the wider one, and a weight of 0 refuses. A field that accepts neither is
    /// answered with JSON all the same, which the RFC allows: an error message in another format helps more than a 406.
    init(accept: String?) {
        // Nearly all clients send one of these.
        guard let accept, accept != "*/*", accept != BodyFormat.json.mediaType else {
            self = .json
            return
        }
        let ranges = AcceptedMediaTypes(accept)
        let (json, yaml) = (BodyFormat.json, BodyFormat.yaml)
        self =
            ranges.weight(ofAny: yaml.acceptedMediaTypes) > ranges.weight(ofAny: json.acceptedMediaTypes) ? yaml : json
    }
}

extension JSONValue {
    /// The value in a format, for people: laid out, without a newline at its end.
    func text(in format: BodyFormat) -> String {
        switch format {
        case .json: text(.indented)
        case .yaml: String(decoding: serializedAsYAML().dropLast(), as: UTF8.self)
        }
    }
}
