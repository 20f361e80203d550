import JSON

/// The part of an operation's section about its request body: media types, schema and examples.
struct RequestBodySection {
    let operation: DescribedOperation

    /// The part; empty if there is no body.
    var html: HTML {
        guard let body = operation.body else { return .empty }
        let parts = operation.api.contents(of: body["content"]).map { content -> HTML in
            """
            <p>\(ContentLine(content: content).html)</p>
            \(examples(of: content))
            """
        }
        return """
            <h4>Body <span class="fact">\(body["required"]?.boolValue == true ? "required" : "may be left out")</span></h4>
            \(HTML.paragraph(body["description"]?.stringValue))
            \(parts)
            """
    }

    private func examples(of content: DescribedContent) -> [HTML] {
        content.examples.flatMap { example in
            content.formats.map { format, type -> HTML in
                """
                <figure>
                <figcaption><span>\(example.title) <span class="fact">\(type)</span></span>
                <button type="button" class="fill" data-type="\(type)" hidden>Put into the form<span class="unseen">: \
                \(example.title), \(type)</span></button></figcaption>
                <pre>\(format.text(example.value))</pre>
                </figure>
                """
            }
        }
    }
}

/// One line with the schema and the media types of a body.
struct ContentLine {
    let content: DescribedContent

    /// The line.
    var html: HTML {
        let types = content.types.map { type -> HTML in "<code>\(type)</code>" }
        return "\(SchemaDescription(schema: content.schema).line) as \(HTML.joined(types, separator: ", "))"
    }
}
