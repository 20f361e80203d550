/// A path in which some segments vary, as `/api/v1/tool/{tool}/config`.
///
/// It is written in the sources alone. One that breaks the rules has a `fault`, with which the table of endpoints ends the
/// start of the process.
struct PathTemplate: Sendable, Equatable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The template as it is written; of bounded number, so fit for labels and logs.
    let description: String
    /// What stands between its slashes.
    let segments: [Segment]

    /// One segment.
    enum Segment: Sendable, Equatable {
        /// The text itself.
        case literal(String)
        /// Any text; the name by which it is known.
        case parameter(String)
    }

    init(stringLiteral text: String) {
        description = text
        segments = text.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map { segment in
            segment.hasPrefix("{") && segment.hasSuffix("}")
                ? .parameter(String(segment.dropFirst().dropLast())) : .literal(String(segment))
        }
    }

    /// The names of the parameters, in their order.
    var parameters: [String] {
        segments.compactMap { if case .parameter(let name) = $0 { name } else { nil } }
    }

    /// What is wrong with the template, or `nil`.
    var fault: String? {
        guard description.hasPrefix("/") else { return "it does not begin with a slash" }
        for segment in segments {
            switch segment {
            case .literal(let text):
                guard !text.isEmpty, text.utf8.allSatisfy(\.isURIUnreserved) else {
                    return "a segment of it is empty, or has characters that a path would have to encode"
                }
            case .parameter(let name):
                guard !name.isEmpty else { return "a parameter of it has no name" }
            }
        }
        guard Set(parameters).count == parameters.count else { return "two of its parameters have the same name" }
        return nil
    }

    /// The path with these values in the places of its parameters, percent-encoded.
    ///
    /// A parameter without a value stays as it is written.
    func path(_ values: [String: String]) -> String {
        segments.reduce(into: "") { path, segment in
            switch segment {
            case .literal(let text): path += "/\(text)"
            case .parameter(let name): path += "/" + (values[name]?.percentEncodedSegment ?? "{\(name)}")
            }
        }
    }
}

/// What stands in a path in the places of its template's parameters, decoded.
struct PathValues: Sendable, Equatable {
    /// The names of the parameters.
    let names: [String]
    /// What stands there; as many as names, and none of them empty.
    let values: [String]

    /// The value of a parameter; empty if the template has none of that name.
    subscript(name: String) -> String {
        zip(names, values).first { $0.0 == name }?.1 ?? ""
    }
}
