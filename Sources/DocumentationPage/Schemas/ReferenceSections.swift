import JSON

/// The schemas and header fields that the operations refer to, each with an anchor.
struct ReferenceSections {
    let api: DescribedAPI

    /// Both sections.
    var html: HTML {
        """
        <section>
        <h2 id="schemas">Schemas</h2>
        \(api.pieces("schemas").map { name, schema -> HTML in
            """
            <section class="piece">
            <h3 id="schema-\(name)"><code>\(name)</code></h3>
            \(SchemaDescription(schema: schema).html)
            </section>
            """
        })
        </section>
        <section>
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
