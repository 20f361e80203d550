import JSON

/// The curl line of an operation, and the form that sends its request from the browser.
///
/// The content security policy forbids a plain submit, so the form is hidden until the script runs.
struct RequestForm {
    let operation: DescribedOperation

    /// The form and the curl line.
    var html: HTML {
        """
        <h4 id="\(operation.id)-try">Try it</h4>
        <form aria-labelledby="\(operation.id)-try \(operation.id)" data-method="\(operation.method)" \
        data-path="\(operation.prefixedPath)"\(certificate) hidden>
        \(operation.parameters.compactMap(field))
        \(bodyFields)
        \(acceptField)
        \(isHarmless ? .empty : "<p class=\"note\">This is no rehearsal: it acts on the tool.</p>")
        <p><button type="submit">Send \(operation.method)</button>
        <button type="button" class="stop" hidden>Stop</button></p>
        </form>
        <p class="outcome" role="status"></p>
        <div class="answer" hidden>
        <details><summary>Header fields of the answer</summary><pre class="fields"></pre></details>
        <pre class="content" role="region" aria-label="Body of the answer" tabindex="0"></pre>
        </div>
        <figure class="curl">
        <figcaption><span>With curl</span>
        <span class="copied" role="status"></span>
        <button type="button" class="copy" hidden>Copy<span class="unseen"> the curl line of \(operation.method) \
        \(operation.prefixedPath)</span></button></figcaption>
        <pre>\(operation.curl.html)</pre>
        </figure>
        """
    }

    private var isHarmless: Bool { ["GET", "HEAD", "OPTIONS"].contains(operation.method) }

    private var certificate: HTML {
        operation.needsCertificate ? " data-certificate=\"\(operation.api.certificate.curlArguments)\"" : .empty
    }

    /// A field for a parameter of the URL or the header.
    ///
    /// There is none for a cookie, which a page cannot set this way.
    private func field(_ parameter: DescribedParameter) -> HTML? {
        guard ["path", "query", "header"].contains(parameter.place) else { return nil }
        let id = "\(operation.id)-\(parameter.name)"
        return """
            <p><label for="\(id)"><code>\(parameter.name)</code>\(parameter.isRequired ? " (required)" : "")</label>
            <input id="\(id)" name="\(parameter.name)" data-in="\(parameter.place)" value="\(parameter.example)" \
            aria-describedby="\(id)-description" autocomplete="off" autocapitalize="none" \
            spellcheck="false"\(parameter.isRequired ? " required" : "")></p>
            """
    }

    private var bodyFields: HTML {
        guard let body = operation.body else { return .empty }
        let types = operation.api.contents(of: body["content"]).flatMap(\.types)
        let text = operation.initialBody?.text ?? ""
        let rows = min(max(text.split(separator: "\n").count + 1, 4), 16)
        return """
            <p><label for="\(operation.id)-type">Content-Type</label>
            <select id="\(operation.id)-type" class="type">\(Self.options(types))</select></p>
            <p><label for="\(operation.id)-body">Body</label>
            <textarea id="\(operation.id)-body" class="body" rows="\(rows)" autocomplete="off" autocapitalize="none" \
            spellcheck="false">
            \(text)</textarea></p>
            """
    }

    /// A choice where a response has more than one media type.
    private var acceptField: HTML {
        let types = operation.responses.first { !$0.isError }?.content.flatMap(\.types) ?? []
        guard types.count > 1 else { return .empty }
        return """
            <p><label for="\(operation.id)-accept">Accept</label>
            <select id="\(operation.id)-accept" class="accept">\(Self.options(types))</select></p>
            """
    }

    private static func options(_ types: [String]) -> [HTML] {
        types.map { "<option>\($0)</option>" }
    }
}
