import HTTPTypes
import JSON
import OpenAPI

/// The form of an error for clients that read RFC 9457: its members, and those of the envelope in the same object.
enum ProblemDetails {
    /// The media type (RFC 9457, section 3).
    static let mediaType = "application/problem+json"

    /// The problem of an error.
    ///
    /// Every kind of error is `about:blank` (section 4.2.1): the status says it all, and `title` is that of the status. `errors`
    /// has an item for each sentence of `messages.error`, in the same order.
    static func json(_ status: HTTPResponse.Status, _ envelope: Envelope, _ details: [ErrorDetail]) -> JSONValue {
        var json: JSONObject = [
            "type": "about:blank", "title": .string(status.reasonPhrase),
            "status": .number(JSONNumber(status.code)),
        ]
        json["detail"] = (details.first?.message).map(JSONValue.string)
        json["errors"] = .array(details.map(\.json))
        json["messages"] = envelope.json["messages"]
        return .object(json)
    }

    /// Whether an error is answered in this form: the type is named, and wanted at least as much as each of the formats.
    ///
    /// Who names it beside `application/json` with the same weight wants this for errors, and that for everything else; a range
    /// such as `*/*` does not ask for it.
    static func isWanted(by head: HTTPRequest, besides formats: [BodyFormat]) -> Bool {
        guard let accept = head.headerFields[.accept], accept.utf8.count > BodyFormat.json.mediaType.utf8.count else {
            return false
        }
        let accepted = AcceptedMediaTypes(accept)
        let weight = accepted.weight(named: mediaType)
        return weight > 0 && weight >= accepted.weight(ofAny: formats.flatMap(\.acceptedMediaTypes))
    }

    /// The schemas of it.
    static let schemas: [(name: String, schema: JSONValue)] = [
        (
            "Problem",
            .closedObject([
                "type": [
                    "type": "string", "const": "about:blank",
                    "description": "The status says which kind of problem it is.",
                ],
                "title": ["type": "string", "description": "The status in words."],
                "status": ["type": "integer", "minimum": 400, "maximum": 599],
                "detail": ["type": "string", "description": "The first of the messages."],
                "errors": [
                    "type": "array", "minItems": 1, "items": .schema("ProblemItem"),
                    "description": "An item for each of `messages.error`, in the same order.",
                ],
                "messages": .schema("ErrorMessages"),
            ])
        ),
        (
            "ProblemItem",
            .closedObject(
                ["detail": ["type": "string", "description": "What is wrong, and what to do."]],
                optional: [
                    "pointer": [
                        "type": "string", "format": "uri-reference",
                        "description": """
                        Where (RFC 6901, as a fragment): in the body, or, if what is stored is wrong, in the stored config. What \
                        is missing is named where it should stand.
                        """,
                    ],
                    "line": [
                        "type": "integer", "minimum": 1,
                        "description": "The line of the body, from 1: of a key, or of an element of a list.",
                    ],
                    "column": ["type": "integer", "minimum": 1, "description": "The character of that line, from 1."],
                ])
        ),
    ]
}
