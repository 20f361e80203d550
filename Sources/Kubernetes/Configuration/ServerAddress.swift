import Foundation

/// Where the API server is.
public struct ServerAddress: Sendable, Equatable, CustomStringConvertible {
    /// Whether it is reached by TLS.
    ///
    /// Without TLS no credentials are sent.
    public let isSecure: Bool
    /// A name or an address; IPv6 without brackets.
    public let host: String
    /// The port.
    public let port: Int
    /// What stands before every path, without a slash at its end; often empty.
    public let basePath: String

    /// The address of a URL such as `https://cluster.example:6443`.
    ///
    /// - Throws: `KubernetesError` with the code `configuration` if it is invalid: another scheme than `https` or `http`,
    ///   a user, a query, a path that is not plain.
    public init(url: String) throws(KubernetesError) {
        guard let parts = URLComponents(string: url), let scheme = parts.scheme?.lowercased(), let host = parts.host,
            ["https", "http"].contains(scheme), parts.user == nil, parts.password == nil, parts.query == nil,
            parts.fragment == nil
        else {
            throw KubernetesError(
                .configuration, "the server's address must be a URL such as https://cluster.example:6443")
        }
        isSecure = scheme == "https"
        self.host = host.trimmingCharacters(in: ["[", "]"])
        port = parts.port ?? (isSecure ? 443 : 80)
        var path = parts.percentEncodedPath
        while path.hasSuffix("/") { path.removeLast() }
        if !path.isEmpty {
            do {
                _ = try KubernetesRequest(getting: path)
            } catch {
                throw KubernetesError(.configuration, "the path of the server's address is not plain")
            }
        }
        basePath = path
        guard !self.host.isEmpty, (1...65535).contains(port) else {
            throw KubernetesError(.configuration, "the server's address names no host, or a port outside 1 to 65535")
        }
    }

    /// Host and port as they stand in a URL.
    var authority: String { Self.bracketed(host) + ":" + String(port) }

    /// The host as it stands in a URL: an IPv6 address in brackets.
    static func bracketed(_ host: String) -> String { host.contains(":") ? "[\(host)]" : host }

    /// The address as a URL.
    public var description: String { (isSecure ? "https://" : "http://") + authority + basePath }
}
