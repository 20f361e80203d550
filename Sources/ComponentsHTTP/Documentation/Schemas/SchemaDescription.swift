import JSON

/// A JSON schema (draft 2020-12) in words and lists.
///
/// A reference is a link to the schema's own section, so no schema is unfolded without end. A keyword that has no words
/// here is shown as it stands: nothing of a schema is left out.
struct SchemaDescription {
    let schema: JSONValue

    /// The schema in a line, without what its members are.
    var line: HTML {
        if let name = reference { return "<a href=\"#schema-\(name)\"><code>\(name)</code></a>" }
        guard let object = schema.objectValue else { return schema == false ? "nothing" : "any value" }
        var facts: [HTML] = [kind(of: object)]
        facts += Self.bounds.compactMap { $0.words(in: object) }
        facts += object.members.filter { !Self.known.contains($0.key) }.map { key, value -> HTML in
            "\(key) <code>\(value.stringValue ?? value.text())</code>"
        }
        return .joined(facts, separator: ", ")
    }

    /// The line, the description, and the members one by one.
    var html: HTML {
        """
        <p class="fact">\(line)</p>
        \(HTML.paragraph(schema["description"]?.stringValue))
        \(members)
        """
    }

    private var reference: String? {
        schema["$ref"]?.stringValue?.split(separator: "/").last.map(String.init)
    }

    private func kind(of object: JSONObject) -> HTML {
        if let value = object["const"] { return "always <code>\(value.stringValue ?? value.text())</code>" }
        if let values = object["enum"]?.arrayValue {
            let codes = values.map { value -> HTML in "<code>\(value.stringValue ?? value.text())</code>" }
            return "one of \(HTML.joined(codes, separator: ", "))"
        }
        let types = object["type"]?.stringValue.map { [$0] } ?? object["type"]?.arrayValue?.compactMap(\.stringValue)
        let words = (types ?? ["any value"]).joined(separator: " or ")
        guard let items = object["items"] else { return "\(words)" }
        return "\(words) of \(SchemaDescription(schema: items).line)"
    }

    private var members: HTML {
        let required = (schema["required"]?.arrayValue ?? []).compactMap(\.stringValue)
        var entries = (schema["properties"]?.objectValue?.members ?? []).map { name, member -> HTML in
            """
            <dt><code>\(name)</code>\(required.contains(name) ? " <span class=\"fact\">required</span>" : .empty)</dt>
            <dd>\(SchemaDescription(schema: member).html)</dd>
            """
        }
        if let names = schema["propertyNames"] {
            entries.append("<dt>Each name</dt><dd>\(SchemaDescription(schema: names).html)</dd>")
        }
        switch schema["additionalProperties"] {
        case nil: break
        case .bool(false): entries.append("<dt>Any other member</dt><dd><p class=\"fact\">not allowed</p></dd>")
        case .bool(true): entries.append("<dt>Any other member</dt><dd><p class=\"fact\">allowed</p></dd>")
        case let member?:
            let name: HTML = schema["properties"] == nil ? "Each member" : "Any other member"
            entries.append("<dt>\(name)</dt><dd>\(SchemaDescription(schema: member).html)</dd>")
        }
        return entries.isEmpty ? .empty : "<dl>\(entries)</dl>"
    }

    /// Two keywords that bound the same thing.
    private struct Bounds {
        let least: String
        let most: String
        let unit: String

        func words(in schema: JSONObject) -> HTML? {
            let unit = unit.isEmpty ? "" : " \(unit)"
            return switch (schema[least]?.text(), schema[most]?.text()) {
            case (nil, nil): nil
            case (let least?, let most?) where least == most: "exactly \(least)\(unit)"
            case (let least?, let most?): "\(least) to \(most)\(unit)"
            case (let least?, nil): "at least \(least)\(unit)"
            case (nil, let most?): "at most \(most)\(unit)"
            }
        }
    }

    private static let bounds = [
        Bounds(least: "minLength", most: "maxLength", unit: "characters"),
        Bounds(least: "minimum", most: "maximum", unit: ""),
        Bounds(least: "minItems", most: "maxItems", unit: "elements"),
        Bounds(least: "minProperties", most: "maxProperties", unit: "members"),
    ]

    /// The keywords that have words here.
    private static let known =
        Set(bounds.flatMap { [$0.least, $0.most] }).union([
            "type", "const", "enum", "items", "description", "properties", "required", "propertyNames",
            "additionalProperties",
        ])
}
