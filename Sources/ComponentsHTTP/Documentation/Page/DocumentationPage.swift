import JSON

/// The page to read about the API, and to try it: one HTML document made from the OpenAPI document.
///
/// Why not Swagger UI, whose files PyPI has: `swagger-ui-bundle` carries version 4.15.5, which cannot read OpenAPI 3.1;
/// it is 1.2 MB of script and style beside a binary that needs no other file; and it writes styles and images of its own
/// into the page, so it takes a policy that allows them. What a reader needs is a page of text, and what a sender needs
/// are a few dozen lines of script. Text made on the server is there before, and without, any script.
///
/// The OpenAPI document does not list this page: it describes what programs call, and generators of clients would make a
/// function of it.
struct DocumentationPage {
    /// What the page is made from.
    let api: DescribedAPI

    /// The page; `HTML.prefix` stands wherever the prefix belongs.
    var html: HTML {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>\(title)</title>
        <style>\(HTML(verbatim: DocumentationStyle.text))</style>
        </head>
        <body>
        <a class="skip" href="#content">Skip to the content</a>
        <header>
        <h1>\(title) <span class="fact">\(api.document["info"]?["version"]?.stringValue ?? "")</span></h1>
        \(HTML.paragraph(api.document["info"]?["description"]?.stringValue))
        <p>For programs: <a href="\(HTML.prefix)/openapi.json">the OpenAPI document</a>, which this page is made from.</p>
        <noscript><p class="note">Without JavaScript this page can be read, but not send anything. In the curl lines put \
        the name of this host in the place of <code>\(CurlCommand.host)</code>.</p></noscript>
        </header>
        <nav aria-label="Endpoints">
        \(navigation)
        </nav>
        <main id="content" tabindex="-1">
        \(CertificateHelp().html)
        \(api.groups.map(section))
        \(ReferenceSections(api: api).html)
        </main>
        <script>\(HTML(verbatim: DocumentationScript.text))</script>
        </body>
        </html>

        """
    }

    private var title: String { api.document["info"]?["title"]?.stringValue ?? "API" }

    private var navigation: [HTML] {
        api.groups.map { tag, _, operations in
            """
            <p id="nav-\(tag)">\(tag.capitalizedFirst)</p>
            <ul aria-labelledby="nav-\(tag)">
            \(operations.map { operation -> HTML in
                "<li><a href=\"#\(operation.id)\">\(OperationSection.shortSignature(of: operation))</a></li>"
            })
            </ul>
            """
        } + ["<p><a href=\"#schemas\">Schemas</a></p>", "<p><a href=\"#fields\">Header fields</a></p>"]
    }

    private func section(
        tag: String, description: String?, operations: [DescribedOperation]
    ) -> HTML {
        """
        <section>
        <h2 id="tag-\(tag)">\(tag.capitalizedFirst)</h2>
        \(HTML.paragraph(description))
        \(operations.map { OperationSection(operation: $0).html })
        </section>
        """
    }
}

extension String {
    /// The string with its first letter in upper case.
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
