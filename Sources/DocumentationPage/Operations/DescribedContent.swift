import JSON

/// A body: media types that have the same description in the document.
struct DescribedContent {
    /// The media types.
    var types: [String]
    /// The JSON of each of them in the document.
    let json: JSONValue
    /// The formats in which examples can be shown.
    let known: [DocumentationPage.Format]

    /// A schema, or a reference to one.
    var schema: JSONValue { json["schema"] ?? true }

    /// The examples, each with a title.
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
