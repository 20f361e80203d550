import JSON

/// The part of an operation's section about its responses.
struct ResponsesSection {
    let operation: DescribedOperation

    /// Successes in full, and errors in a collapsed table.
    var html: HTML {
        let responses = operation.responses
        let common = responses.map(\.fields).reduce(responses.first?.fields ?? []) { common, fields in
            common.filter(fields.contains)
        }
        let errors = responses.filter(\.isError)
        return """
            <h4>Answers</h4>
            \(responses.filter { !$0.isError }.map { success($0, common: common) })
            \(errors.isEmpty ? .empty : table(errors, common: common))
            \(common.isEmpty ? .empty : "<p class=\"note\">Header fields of every response: \(Self.links(common)).</p>")
            """
    }

    private func success(_ response: DescribedResponse, common: [String]) -> HTML {
        let own = response.fields.filter { !common.contains($0) }
        let examples = response.content.flatMap { content in
            content.examples.flatMap { example in
                content.formats.map { format, type -> HTML in
                    """
                    <figure>
                    <figcaption><span>\(example.title) <span class="fact">\(type)</span></span></figcaption>
                    <pre>\(format.text(example.value))</pre>
                    </figure>
                    """
                }
            }
        }
        return """
            <h5><span class="status">\(response.title)</span></h5>
            <p>\(HTML(prose: response.json["description"]?.stringValue ?? "")) \(Self.body(of: response)).</p>
            \(own.isEmpty ? .empty : "<p>Header fields: \(Self.links(own)).</p>")
            \(examples)
            """
    }

    private func table(_ errors: [DescribedResponse], common: [String]) -> HTML {
        let bodies = errors.map(Self.body)
        let shared = bodies.allSatisfy { $0 == bodies.first } ? bodies.first : nil
        let rows = zip(errors, bodies).map { response, body -> HTML in
            let own = response.fields.filter { !common.contains($0) }
            return """
                <tr><th scope="row">\(response.title)</th><td>\(HTML(prose: response.json["description"]?.stringValue ?? ""))\
                \(own.isEmpty ? .empty : " Header fields: \(Self.links(own)).")\(shared == nil ? " \(body)." : .empty)</td></tr>
                """
        }
        return """
            <details>
            <summary>Errors: \(errors.map(\.status).joined(separator: ", "))</summary>
            \(shared.map { "<p>\($0).</p>" } ?? .empty)
            <table>
            <caption class="unseen">Errors of \(operation.method) \(operation.prefixedPath)</caption>
            <thead><tr><th scope="col">Status</th><th scope="col">Meaning</th></tr></thead>
            <tbody>
            \(rows)
            </tbody>
            </table>
            </details>
            """
    }

    private static func body(of response: DescribedResponse) -> HTML {
        let content = response.content
        guard !content.isEmpty else { return "No body" }
        return "Body: \(HTML.joined(content.map { ContentLine(content: $0).html }, separator: "; "))"
    }

    private static func links(_ fields: [String]) -> HTML {
        .joined(
            fields.map { name -> HTML in "<a href=\"#field-\(name)\"><code>\(name)</code></a>" }, separator: ", ")
    }
}
