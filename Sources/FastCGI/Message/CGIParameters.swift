/// What the web server itself says of a request: its meta-variables (RFC 3875, section 4.1) without the client's header
/// fields, which are those whose names begin with `HTTP_`.
///
/// Of a name that comes twice the first value counts. There are a few dozen at most, and a handful is asked for: they are
/// walked through, no table is made.
public struct CGIParameters: Sendable {
    /// All of them, the client's header fields too.
    let all: [CGIParameter]

    init(_ all: [CGIParameter]) { self.all = all }

    /// The value of that name; `nil` if the web server said nothing of it, or if it is the name of a client's field.
    public subscript(name: String) -> String? { all.first { !$0.isHeaderField && $0.name == name }?.value }
}

extension CGIParameters: ExpressibleByDictionaryLiteral {
    /// Parameters of one's own, for tests: names and values, in the order in which a web server would say them.
    public init(_ pairs: some Sequence<(String, String)>) {
        self.init(pairs.map { CGIParameter(name: $0, value: $1) })
    }

    /// Parameters of one's own, for tests.
    public init(dictionaryLiteral elements: (String, String)...) { self.init(elements) }
}

/// A parameter as libfcgi gives it.
struct CGIParameter: Equatable, Sendable {
    let name: String
    let value: String
    /// Whether this is one of the client's header fields, and so nothing that the web server vouches for.
    let isHeaderField: Bool

    init(name: String, value: String) {
        self.name = name
        self.value = value
        var bytes = name
        isHeaderField = bytes.withUTF8 { $0.starts(with: Self.fieldPrefix) }
    }

    private static let fieldPrefix = Array("HTTP_".utf8)
}
