import Glibc

/// The rules for `build.repository`: what git is given to clone.
///
/// Stricter than RFC 3986 where a looser reading could be taken for something else: only the schemes that git fetches
/// over, no user information (a password in a config is readable by whoever reads the config), no fragment (git would
/// take it for a part of the path), ASCII only.
enum RepositoryURL {
    /// The longest URL, in characters.
    static let maximumLength = 2_048
    private static let schemes = ["https", "http", "git"]

    /// What is wrong with it, or `nil`.
    static func problem(_ url: String) -> String? {
        let allowed = "must begin with https://, http:// or git://"
        guard !url.isEmpty else { return "is empty; it \(allowed)" }
        guard url.utf8.count <= maximumLength else { return "is longer than \(maximumLength) characters" }
        guard url.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !isUnsafe($0) }) else {
            return "holds a space, quote, backslash, bracket or a character that is not ASCII: percent-encode it (%20)"
        }
        guard hasWholeEscapes(url) else { return "holds a '%' without two hexadecimal digits behind it" }
        guard let scheme = schemes.first(where: { url.hasPrefix("\($0)://") }) else { return allowed }
        let rest = url.dropFirst(scheme.count + 3)
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard !authority.contains("@") else {
            return "must not hold a user name or password: everybody who reads the config would read it too"
        }
        guard !url.contains("#") else { return "must not hold a '#': name a branch, tag or commit under ref instead" }
        guard isHostAndPort(authority) else { return "names no valid host behind \(scheme)://" }
        return nil
    }

    /// What RFC 3986 keeps out of a URL although it can be printed.
    private static func isUnsafe(_ byte: UInt8) -> Bool {
        [UInt8](#""<>\^`{|}"#.utf8).contains(byte)
    }

    private static func hasWholeEscapes(_ url: String) -> Bool {
        url.utf8.split(separator: UInt8(ascii: "%"), omittingEmptySubsequences: false).dropFirst().allSatisfy {
            $0.prefix(2).count(where: { Character(Unicode.Scalar($0)).isHexDigit }) == 2
        }
    }

    private static func isHostAndPort(_ authority: Substring) -> Bool {
        if authority.hasPrefix("[") {
            guard let close = authority.firstIndex(of: "]") else { return false }
            var address = in6_addr()
            let text = String(authority[authority.index(after: authority.startIndex)..<close])
            return inet_pton(AF_INET6, text, &address) == 1 && isPort(authority[authority.index(after: close)...])
        }
        let host = authority.prefix { $0 != ":" }
        // A name of RFC 1123, or an IPv4 address; one trailing dot is the root.
        let labels = (host.hasSuffix(".") ? host.dropLast() : host).split(
            separator: ".", omittingEmptySubsequences: false)
        let isName =
            host.utf8.count <= 253
            && labels.allSatisfy { $0.utf8.count <= 63 && DNSLabel.isLabel($0.lowercased()) }
        return isName && isPort(authority.dropFirst(host.count))
    }

    /// Nothing, or `:` and a port.
    private static func isPort(_ text: Substring) -> Bool {
        guard !text.isEmpty else { return true }
        guard text.hasPrefix(":"), let port = UInt16(text.dropFirst()), text.dropFirst().first != "+" else {
            return false
        }
        return port > 0
    }
}
