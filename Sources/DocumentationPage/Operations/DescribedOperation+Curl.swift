import Foundation
import JSON

extension DescribedOperation {
    /// The path with the prefix of the service, its parameters in braces.
    var prefixedPath: HTML { "\(HTML.prefix)\(path)" }

    /// The initial body of the form; `nil` if no body is required.
    var initialBody: (type: String, text: String)? {
        guard body?["required"]?.boolValue == true else { return nil }
        let content = api.contents(of: body?["content"])
        guard let first = content.first, let (format, type) = first.formats.first, let example = first.examples.first
        else { return nil }
        return (type, format.text(example.value))
    }

    /// The command with the example values of the parameters.
    var curl: CurlCommand {
        var target = path
        for parameter in parameters where parameter.place == "path" {
            target = target.replacing("{\(parameter.name)}", with: parameter.example.percentEncodedSegment)
        }
        let given = parameters.filter { !$0.example.isEmpty }
        let query = given.filter { $0.place == "query" }.map { "\($0.name.formEncoded)=\($0.example.formEncoded)" }
        if !query.isEmpty { target += "?" + query.joined(separator: "&") }
        return CurlCommand(
            method: method, target: "\(HTML.prefix)\(target)",
            fields: given.filter { $0.place == "header" }.map { ($0.name, $0.example) },
            certificate: needsCertificate ? api.certificate.curlArguments : nil, body: initialBody)
    }
}

extension String {
    /// The string as one segment of a path: all but RFC 3986's unreserved characters percent-encoded.
    fileprivate var percentEncodedSegment: String { percentEncoded(allBut: "-._~") }

    /// The string as a name or a value of a query, as `URLSearchParams` writes it (URL Standard, section 5.2).
    fileprivate var formEncoded: String { percentEncoded(allBut: "*-._ ").replacing(" ", with: "+") }

    /// Percent-encodes all characters but letters, digits and those that are kept.
    private func percentEncoded(allBut kept: String) -> String {
        utf8.map { byte in
            let character = Character(Unicode.Scalar(byte))
            let isKept = character.isASCII && (character.isLetter || character.isNumber || kept.contains(character))
            return isKept ? String(character) : String(format: "%%%02X", byte)
        }.joined()
    }
}
