import JSON
import OpenAPI

extension Envelope {
    /// The schemas of what every envelope has, and of the envelope of an error.
    static let schemas: [(name: String, schema: JSONValue)] = [
        ("Messages", messages(errors: ["maxItems": 0])),
        ("ErrorMessages", messages(errors: ["minItems": 1])),
        ("ErrorEnvelope", .closedObject(["messages": .schema("ErrorMessages")])),
    ]

    /// The schema of an envelope whose data is of that schema.
    static func schema(of data: String) -> JSONValue {
        .closedObject(["data": .schema(data), "messages": .schema("Messages")])
    }

    private static func messages(errors: JSONObject) -> JSONValue {
        let strings: JSONObject = ["type": "array", "items": ["type": "string"]]
        var bounded = strings
        for (key, value) in errors.members { bounded[key] = value }
        return .closedObject(["info": .object(strings), "warning": .object(strings), "error": .object(bounded)])
    }
}

extension JSONValue {
    /// The schema of an object that has all of these members, may have those that are optional, and has no other.
    static func closedObject(_ properties: JSONObject, optional: JSONObject = [:]) -> JSONValue {
        [
            "type": "object", "required": .strings(properties.keys), "additionalProperties": false,
            "properties": .object(JSONObject(properties.members + optional.members)),
        ]
    }
}
