import JSON

extension DescribedOperation {
    /// The path with the prefix of the service, its parameters in braces.
    var prefixedPath: HTML { "\(HTML.prefix)\(path)" }

    /// The body that the form begins with; none where none is needed.
    var initialBody: (type: String, text: String)? {
        guard body?["required"]?.boolValue == true else { return nil }
        let content = DescribedContent.all(of: body?["content"])
        guard let first = content.first, let (format, type) = first.formats.first, let example = first.examples.first
        else { return nil }
        return (type, example.value.example(in: format))
    }

    /// The request with the examples of its parameters.
    var curl: CurlCommand {
        var target = path
        for parameter in parameters where parameter.place == "path" {
            target = target.replacing("{\(parameter.name)}", with: parameter.example.percentEncodedSegment)
        }
        return CurlCommand(
            method: method, target: "\(HTML.prefix)\(target)", needsCertificate: needsCertificate, body: initialBody)
    }
}
