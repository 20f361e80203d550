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
        return CurlCommand(
            method: method, target: "\(HTML.prefix)\(target)",
            certificate: needsCertificate ? api.certificate.curlArguments : nil, body: initialBody)
    }
}

extension String {
    /// The string as one segment of a path: all but RFC 3986's unreserved characters percent-encoded.
    fileprivate var percentEncodedSegment: String {
        utf8.map { byte in
            let character = Character(Unicode.Scalar(byte))
            let isUnreserved =
                character.isASCII && (character.isLetter || character.isNumber || "-._~".contains(character))
            return isUnreserved ? String(character) : String(format: "%%%02X", byte)
        }.joined()
    }
}
