import JSON

/// What the operations refer to: schemas and header fields, each under a heading that links lead to.
struct ReferenceSections {
    let api: DescribedAPI

    /// Both sections.
    var html: HTML {
        """
        <section aria-labelledby="schemas">
        <h2 id="schemas">Schemas</h2>
        \(api.pieces("schemas").map { name, schema -> HTML in
            """
            <section class="piece" aria-labelledby="schema-\(name)">
            <h3 id="schema-\(name)"><code>\(name)</code></h3>
            \(SchemaDescription(schema: schema).html)
            </section>
            """
        })
        </section>
        <section aria-labelledby="fields">
        <h2 id="fields">Header fields of the answers</h2>
        <dl>
        \(api.pieces("headers").map { name, header -> HTML in
            """
            <dt id="field-\(name)"><code>\(name)</code></dt>
            <dd>\(HTML.paragraph(header["description"]?.stringValue))
            \(header["schema"].map { SchemaDescription(schema: $0).html } ?? .empty)</dd>
            """
        })
        </dl>
        </section>
        """
    }
}
