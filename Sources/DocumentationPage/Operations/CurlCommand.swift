/// A request as a shell command.
///
/// The page's script writes the same line from what stands in the form (`curlOf` in `PageScript`); the browser
/// test compares the two.
struct CurlCommand {
    /// The method, in upper case.
    let method: String
    /// Path and query.
    let target: HTML
    /// The header fields, those of the body aside.
    let fields: [(name: String, value: String)]
    /// The arguments that show a certificate, if one is needed.
    let certificate: String?
    /// Type and text of the body, if there is one.
    let body: (type: String, text: String)?

    /// The placeholder for the host name, until the script fills it in.
    static let host = "HOST"

    /// The command; each argument on its own line if there are many.
    var html: HTML {
        var parts: [HTML] = []
        switch method {
        case "GET": parts.append("curl")
        case "HEAD": parts.append("curl --head")
        default: parts.append("curl --request \(method)")
        }
        if let certificate { parts.append("\(certificate)") }
        for field in fields { parts.append("--header \("\(field.name): \(field.value)".quotedForShell)") }
        if let body {
            parts.append("--header \("Content-Type: \(body.type)".quotedForShell)")
            parts.append("--data-binary \(body.text.quotedForShell)")
        }
        parts.append("&#39;https://\(Self.host)\(target)&#39;")
        return .joined(parts, separator: parts.count > 2 ? " \\\n  " : " ")
    }
}

extension String {
    /// The string as one word of a POSIX shell.
    var quotedForShell: String { "'\(replacing("'", with: #"'\''"#))'" }
}
