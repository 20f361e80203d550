import struct Foundation.URLComponents

/// Where a registry is: `https://HOST[:PORT]`, or `http://` for one beside the service.
public struct HarborAddress: Sendable, Equatable {
    /// The URL without a slash at its end.
    public let url: String
    /// The host, as messages name it.
    public let host: String

    /// The address of a URL; `nil` if it has a path, a query or credentials, or another scheme.
    public init?(_ text: String) {
        guard let parts = URLComponents(string: text), let scheme = parts.scheme, ["https", "http"].contains(scheme),
            let host = parts.host, !host.isEmpty, parts.path.isEmpty || parts.path == "/", parts.query == nil,
            parts.fragment == nil, parts.user == nil, parts.password == nil
        else { return nil }
        url = text.hasSuffix("/") ? String(text.dropLast()) : text
        self.host = host
    }
}
