import JSON

/// The whole page, with `HTML.prefix` in the places of the prefix.
struct PageMarkup {
    /// The document that the page is made from.
    let api: DescribedAPI
    /// The path of the document itself.
    let documentPath: String

    /// The page.
    var html: HTML {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>\(title)</title>
        <style>\(HTML(verbatim: PageStyle.text))</style>
        </head>
        <body>
        <a class="skip" href="#content">Skip to the content</a>
        <header>
        <h1>\(title) <span class="fact">\(api.document["info"]?["version"]?.stringValue ?? "")</span></h1>
        \(HTML.paragraph(api.document["info"]?["description"]?.stringValue))
        <p>For programs: <a href="\(HTML.prefix)\(documentPath)">the OpenAPI document</a>, which this page is made from.</p>
        <noscript><p class="note">Without JavaScript this page can be read, but not send anything. In the curl lines put \
        the name of this host in the place of <code>\(CurlCommand.host)</code>.</p></noscript>
        </header>
        <nav aria-label="Endpoints">
        \(navigation)
        </nav>
        <main id="content" tabindex="-1">
        \(CertificateHelp(certificate: api.certificate).html)
        \(api.groups.map(section))
        \(ReferenceSections(api: api).html)
        </main>
        <script>\(HTML(verbatim: PageScript.text))</script>
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

/// How a browser gets a client's certificate.
struct CertificateHelp {
    let certificate: DocumentationPage.Certificate

    /// The help text.
    var html: HTML {
        """
        <details class="help">
        <summary>The client certificate: how the forms come to it</summary>
        <p>The forms send what stands in them with the certificate that the browser chose for this site. A browser asks \
        once, when it opens the first page of a site, and knows the certificates that were imported into it. Make a file \
        that it can import, give it a password, and delete it afterwards:</p>
        <pre>\(certificate.export)</pre>
        <p>Whoever has this file or this browser can act as the \(certificate.holder). To choose another certificate, restart the \
        browser.</p>
        </details>
        """
    }
}
