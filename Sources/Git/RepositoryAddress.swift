import Foundation

/// The URL of a repository, taken apart as far as HTTP needs it.
struct RepositoryAddress: Equatable {
    /// `http` or `https`.
    let scheme: String
    /// The host as URLs have it: a name, an IPv4 address, or an IPv6 address in brackets.
    let host: String
    /// The port, or `nil` for the scheme's own.
    let port: Int?
    /// Everything behind the authority; empty, or it begins with `/` or `?`.
    let path: String

    /// Reads an absolute URL; `nil` for what is not HTTP, names no host, or holds user information or a fragment.
    init?(_ url: String) {
        guard
            let match = url.wholeMatch(
                of: /(https?):\/\/(\[[0-9A-Fa-f:.]+\]|[^\/?#@:\\\s]+)(?::([0-9]{1,5}))?([\/?][^#\\\s]*)?/)
        else { return nil }
        scheme = String(match.1)
        host = match.2.lowercased()
        port = match.3.flatMap { Int($0) }
        path = match.4.map(String.init) ?? ""
        guard port.map({ (1...65_535).contains($0) }) ?? true else { return nil }
    }

    /// The host without the brackets of an IPv6 address.
    var bareHost: String { host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host }

    /// The URL of the repository with that behind it.
    private func url(_ more: String) -> String {
        "\(scheme)://\(host)" + (port.map { ":\($0)" } ?? "") + path + more
    }

    /// The URL itself.
    var text: String { url("") }

    /// Where the refs are advertised (gitprotocol-http(5), "URL format").
    var advertisement: String {
        url(
            (path.hasSuffix("/") ? "" : "/") + "info/refs" + (path.contains("?") ? "&" : "?")
                + "service=git-upload-pack")
    }

    /// Where the commands of version 2 go.
    var service: String { url((path.hasSuffix("/") ? "" : "/") + "git-upload-pack") }

    /// The repository that a redirect of `advertisement` leads to; `nil` for what is not followed: another host, a step
    /// from HTTPS to HTTP, or a path that is not that of an advertisement.
    func redirected(to location: String) -> RepositoryAddress? {
        guard let base = URL(string: advertisement),
            let absolute = URL(string: location, relativeTo: base)?.absoluteString,
            let marker = absolute.range(of: "/info/refs", options: .backwards),
            let other = RepositoryAddress(String(absolute[..<marker.lowerBound])), mayLead(to: other)
        else { return nil }
        return other
    }

    /// Where a redirect of the URL itself leads; `nil` for what is not followed: another host, or a step from HTTPS to HTTP.
    func followed(to location: String) -> RepositoryAddress? {
        guard let base = URL(string: text), let absolute = URL(string: location, relativeTo: base)?.absoluteString,
            let other = RepositoryAddress(absolute), mayLead(to: other)
        else { return nil }
        return other
    }

    private func mayLead(to other: RepositoryAddress) -> Bool {
        other.host == host && (scheme == "http" || other.scheme == "https")
    }
}
