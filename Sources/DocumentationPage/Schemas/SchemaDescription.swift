import JSON

/// A description of a JSON schema (draft 2020-12) in words and lists.
///
/// A reference becomes a link to the section of its schema, so a recursive schema ends. A keyword without words here is
/// shown as it is, so nothing of a schema is left out.
struct SchemaDescription {
    let schema: JSONValue

    /// One line without the members.
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

    /// The description, the line, and each member.
    var html: HTML {
        """
        \(HTML.paragraph(schema["description"]?.stringValue))
        <p class="fact">\(line)</p>
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

    /// Two keywords that bound the same quantity.
    private struct Bounds {
        let least: String
        let most: String
        let unit: String

        func words(in schema: JSONObject) -> HTML? {
            return switch (schema[least]?.text(), schema[most]?.text()) {
            case (nil, nil): nil
            case (nil, "0"?) where !unit.isEmpty: "no \(unit)s"
            case (let least?, let most?) where least == most: "exactly \(counted(least))"
            case (let least?, let most?): "\(least) to \(counted(most))"
            case (let least?, nil): "at least \(counted(least))"
            case (nil, let most?): "at most \(counted(most))"
            }
        }

        private func counted(_ number: String) -> String {
            unit.isEmpty ? number : number == "1" ? "1 \(unit)" : "\(number) \(unit)s"
        }
    }

    private static let bounds = [
        Bounds(least: "minLength", most: "maxLength", unit: "character"),
        Bounds(least: "minimum", most: "maximum", unit: ""),
        Bounds(least: "minItems", most: "maxItems", unit: "element"),
        Bounds(least: "minProperties", most: "maxProperties", unit: "member"),
    ]

    /// The keywords that are described in words.
    private static let known =
        Set(bounds.flatMap { [$0.least, $0.most] }).union([
            "type", "const", "enum", "items", "description", "properties", "required", "propertyNames",
            "additionalProperties",
        ])
}
