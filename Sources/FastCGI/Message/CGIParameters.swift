/// The parameters of a request that the web server itself sets: its meta-variables (RFC 3875, section 4.1) without the
/// client's header fields, whose names begin with `HTTP_`.
///
/// Of a name that comes twice the first value counts. There are a few dozen at most, and few are read: a linear search is
/// faster than a table.
public struct CGIParameters: Sendable {
    /// All of them, the client's header fields too.
    let all: [CGIParameter]

    init(_ all: [CGIParameter]) { self.all = all }

    /// The value of that name; `nil` if the web server did not set it, or if it is the name of a client's field.
    public subscript(name: String) -> String? { all.first { !$0.isHeaderField && $0.name == name }?.value }
}

extension CGIParameters: ExpressibleByDictionaryLiteral {
    /// Parameters for tests: names and values, in the order in which a web server would send them.
    public init(_ pairs: some Sequence<(String, String)>) {
        self.init(pairs.map { CGIParameter(name: $0, value: $1) })
    }

    /// Parameters for tests.
    public init(dictionaryLiteral elements: (String, String)...) { self.init(elements) }
}

/// A parameter as libfcgi gives it.
struct CGIParameter: Equatable, Sendable {
    let name: String
    let value: String
    /// Whether this is one of the client's header fields, which the web server does not vouch for.
    let isHeaderField: Bool

    init(name: String, value: String) {
        self.name = name
        self.value = value
        var bytes = name
        isHeaderField = bytes.withUTF8 { $0.starts(with: Self.fieldPrefix) }
    }

    private static let fieldPrefix = Array("HTTP_".utf8)
}
