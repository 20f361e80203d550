import JSON
import YAML

/// What a body can be: media types of which the document says the same.
struct DescribedContent {
    /// The media types.
    var types: [String]
    /// What the document says of each of them.
    let json: JSONValue

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
    var formats: [(format: BodyFormat, type: String)] {
        BodyFormat.allCases.compactMap { format in
            types.first(where: format.acceptedMediaTypes.contains).map { (format, $0) }
        }
    }

    /// All of a `content` object.
    static func all(of content: JSONValue?) -> [DescribedContent] {
        var result: [DescribedContent] = []
        for (type, json) in content?.objectValue?.members ?? [] {
            if let index = result.firstIndex(where: { $0.json == json }) {
                result[index].types.append(type)
            } else {
                result.append(DescribedContent(types: [type], json: json))
            }
        }
        return result
    }
}

extension JSONValue {
    /// The value for people, without a newline at its end.
    func example(in format: BodyFormat) -> String {
        switch format {
        case .json: text(.indented)
        case .yaml: String(decoding: serializedAsYAML().dropLast(), as: UTF8.self)
        }
    }
}
