import JSON

/// What a body can be: media types of which the document says the same.
struct DescribedContent {
    /// The media types.
    var types: [String]
    /// What the document says of each of them.
    let json: JSONValue
    /// The formats in which examples can be shown.
    let known: [DocumentationPage.Format]

    /// A schema, or a reference to one.
    var schema: JSONValue { json["schema"] ?? true }

    /// The examples, each with a few words.
    var examples: [(title: String, value: JSONValue)] {
        let named = (json["examples"]?.objectValue?.members ?? []).compactMap { name, example in
            example["value"].map { (title: example["summary"]?.stringValue ?? name, value: $0) }
        }
        return named + (json["example"].map { [("Example", $0)] } ?? [])
    }

    /// The formats in which an example can be shown, each with the type that says so.
    var formats: [(format: DocumentationPage.Format, type: String)] {
        known.compactMap { format in types.first(where: format.mediaTypes.contains).map { (format, $0) } }
    }
}
