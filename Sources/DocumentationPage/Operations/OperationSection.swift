import JSON

/// The part of the page about one operation.
struct OperationSection {
    let operation: DescribedOperation

    /// The section.
    ///
    /// Most of the section of a `HEAD` is collapsed, because it repeats its `GET`.
    var html: HTML {
        let rest: HTML = """
            \(parameters)
            \(RequestBodySection(operation: operation).html)
            \(ResponsesSection(operation: operation).html)
            \(RequestForm(operation: operation).html)
            """
        return """
            <section class="operation">
            <h3 id="\(operation.id)">\(Self.signature(of: operation))</h3>
            \(HTML.paragraph(operation.summary.map { $0.hasSuffix(".") ? $0 : "\($0)." }))
            \(HTML.paragraph(operation.json["description"]?.stringValue))
            <p class="note">\(identity)</p>
            \(operation.method == "HEAD" ? folded(rest) : rest)
            </section>
            """
    }

    /// Method and path.
    static func signature(of operation: DescribedOperation) -> HTML {
        """
        <span class="method \(operation.method.lowercased())">\(operation.method)</span> \
        <code>\(operation.prefixedPath)</code>
        """
    }

    /// Method and path without the prefix, for lists.
    static func shortSignature(of operation: DescribedOperation) -> HTML {
        """
        <span class="method \(operation.method.lowercased())">\(operation.method)</span> <code>\(operation.path)</code>
        """
    }

    private var identity: HTML {
        operation.needsCertificate
            ? "Needs the client certificate of the \(operation.api.certificate.holder)."
            : "Needs no client certificate."
    }

    private func folded(_ html: HTML) -> HTML {
        """
        <details>
        <summary>Parameters, answers and a form<span class="unseen"> for \(operation.method) \
        \(operation.prefixedPath)</span></summary>
        \(html)
        </details>
        """
    }

    private var parameters: HTML {
        let parameters = operation.parameters
        guard !parameters.isEmpty else { return .empty }
        let entries = parameters.map { parameter -> HTML in
            """
            <dt><code>\(parameter.name)</code> <span class="fact">in the \(parameter.place)\
            \(parameter.isRequired ? ", required" : "")</span></dt>
            <dd id="\(operation.id)-\(parameter.name)-description">\
            \(HTML.paragraph(parameter.json["description"]?.stringValue))
            \(parameter.json["schema"].map { SchemaDescription(schema: $0).html } ?? .empty)</dd>
            """
        }
        return """
            <h4>Parameters</h4>
            <dl>
            \(entries)
            </dl>
            """
    }
}
