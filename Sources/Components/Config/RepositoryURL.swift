import Foundation
import Glibc
import JSON

/// The rules for `build.repository`: the URL that git clones from.
///
/// Stricter than RFC 3986 where a looser reading could be taken for something else: only the schemes that git fetches
/// over, no user information (a password in a config is readable by everybody who reads the config), no fragment (git
/// takes it for a part of the path), ASCII only, and nothing that a shell or Tekton would act on (`$(`, `;`, quotes).
/// Looser for hosts, where `_` is allowed, as it is in DNS.
enum RepositoryURL {
    /// The longest URL, in characters.
    static let maximumLength = 2_048
    private static let schemes = ["https", "http", "git"]

    /// What is wrong with the URL and what to write instead, or `nil`.
    ///
    /// A message never repeats user information: it may be a password.
    static func problem(_ url: String) -> String? {
        guard !url.isEmpty else {
            return "is empty: write a URL such as https://gitlab.wikimedia.org/toolforge-repos/my-tool"
        }
        guard url.utf8.count <= maximumLength else { return "is longer than \(maximumLength) characters" }
        if let problem = GitRef.surroundingSpaceProblem(url, what: "the URL") ?? quotesProblem(url) { return problem }
        if let placeholder = placeholder(in: url) {
            let name = url.contains("@") ? "" : " \(String(placeholder).quotedForMessage)"
            return "holds a placeholder\(name): write the real value in its place"
        }
        guard let scheme = schemes.first(where: { url.hasPrefix("\($0)://") }) else { return schemeProblem(url) }
        let rest = url.dropFirst(scheme.count + 3)
        let authority = Substring(rest.utf8.prefix { !"/?#\\".utf8.contains($0) })
        let path = rest[authority.endIndex...]
        if let at = authority.lastIndex(of: "@") {
            let bare = "\(scheme)://\(authority[authority.index(after: at)...])\(path)"
            return "must not hold a user name or password, which everybody who reads the config could read"
                + advice(bare, or: "only public repositories can be built")
        }
        return problem(ofHost: authority, scheme: scheme, path: path) ?? problem(ofPath: path)
    }

    // MARK: - The parts

    private static func problem(ofHost authority: Substring, scheme: String, path: Substring) -> String? {
        guard !authority.isEmpty else { return "names no host after \(scheme)://" }
        if let scalar = authority.unicodeScalars.first(where: { $0 == " " || $0.isInvisible }) {
            return "holds \(scalar.descriptionForMessage) in the name of the host: remove it"
        }
        if authority.hasPrefix("[") { return isIPv6AndPort(authority) ? nil : "names no valid IPv6 address and port" }
        let host = authority.prefix { $0 != ":" }
        guard host.utf8.allSatisfy({ $0 < 0x80 }) else {
            guard let ascii = Punycode.host(String(host)) else { return "the name of the host must be in ASCII" }
            let whole = "\(scheme)://\(ascii)\(authority.dropFirst(host.count))\(path)"
            return "the name of the host must be in ASCII" + advice(whole, or: "write \(ascii) for it")
        }
        guard isHost(host) else {
            return
                "names no valid host: a host is made of letters, digits, '-', '_' and dots, and has at most 253 characters"
        }
        return isPort(authority.dropFirst(host.count))
            ? nil : "names no valid port after the host: a port is a number from 1 to 65535, or leave ':' out"
    }

    private static func problem(ofPath path: Substring) -> String? {
        if let hash = path.firstIndex(of: "#") {
            // What stands before an '@' may be a password.
            let fragment = path.contains("@") ? "what follows it" : String(path[hash...]).quotedForMessage
            return "must not hold '#': leave \(fragment) out, and name a branch, tag or commit under ref"
        }
        let bytes = Array(path.utf8)
        for pair in ["$(", "$$"] where GitRef.holds(pair, in: bytes) {
            return
                "must not hold '\(pair)', which is replaced before git sees it: write %24 for '$' if it belongs to the path"
        }
        for scalar in path.unicodeScalars {
            switch scalar {
            case " ":
                return "holds a space: write %20 if it belongs to the path; a branch, tag or commit goes under ref"
            case "\\": return "holds a backslash: write '/' in its place"
            case "\n", "\r": return "holds a line break: write the URL on one line"
            case _ where scalar.isInvisible: return "holds \(scalar.descriptionForMessage): remove it"
            case _ where scalar.value >= 0x80 || "\"'`;|<>^{}".unicodeScalars.contains(scalar):
                let encoded = String(scalar).utf8.map { "%" + String($0, radix: 16, uppercase: true) }.joined()
                return "holds \(scalar.descriptionForMessage): write it as \(encoded) if it belongs to the path"
            default: continue
            }
        }
        return escapesProblem(path)
    }

    private static func escapesProblem(_ path: Substring) -> String? {
        for part in path.utf8.split(separator: UInt8(ascii: "%"), omittingEmptySubsequences: false).dropFirst() {
            let digits = String(decoding: part.prefix(2), as: UTF8.self)
            guard digits.utf8.count == 2, digits.allSatisfy(\.isHexDigit), let byte = UInt8(digits, radix: 16) else {
                return "holds a '%' without two hexadecimal digits after it: write %25 for a percent sign"
            }
            guard byte >= 0x20, byte != 0x7F else { return "holds %\(digits), a control character: remove it" }
        }
        return nil
    }

    private static func isHost(_ host: Substring) -> Bool {
        // A name of RFC 1123, `_` beside letters, or an IPv4 address; one trailing dot is the root.
        let dot = UInt8(ascii: ".")
        let labels = (host.utf8.last == dot ? host.utf8.dropLast() : host.utf8[...])
            .split(separator: dot, omittingEmptySubsequences: false)
        return host.utf8.count <= 253
            && labels.allSatisfy { label in
                let plain = label.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "x") : $0 }
                return label.count <= 63 && DNSLabel.isLabel(String(decoding: plain, as: UTF8.self).lowercased())
            }
    }

    private static func isIPv6AndPort(_ authority: Substring) -> Bool {
        guard let close = authority.firstIndex(of: "]") else { return false }
        var address = in6_addr()
        let text = String(authority[authority.index(after: authority.startIndex)..<close])
        return inet_pton(AF_INET6, text, &address) == 1 && isPort(authority[authority.index(after: close)...])
    }

    /// Nothing, or `:` and a port.
    private static func isPort(_ text: Substring) -> Bool {
        guard !text.isEmpty else { return true }
        guard text.hasPrefix(":"), let port = UInt16(text.dropFirst()), text.dropFirst().first != "+" else {
            return false
        }
        return port > 0
    }

    // MARK: - What people write instead

    private static func quotesProblem(_ url: String) -> String? {
        let quotes = "\"'`“”‘’«»„"
        guard let first = url.first, let last = url.last, quotes.contains(first) || quotes.contains(last) else {
            return nil
        }
        return "begins or ends with a quote that is part of the value: remove it"
    }

    /// What stands for a value that the author should have filled in: `<user>`, `{{ repo }}`, `${REPO}`.
    private static func placeholder(in url: String) -> Substring? {
        // A regular expression is compiled each time: it is left to what may match.
        guard url.utf8.contains(where: { $0 == UInt8(ascii: "<") || $0 == UInt8(ascii: "{") }) else { return nil }
        return url.firstMatch(of: /<[^<>@]*>|\$?\{+[^{}@]*\}+/)?.output
    }

    /// What is wrong with a URL that begins with no scheme that git fetches over here.
    private static func schemeProblem(_ url: String) -> String {
        let rule = "must begin with https://, http:// or git://"
        let example = "write a URL such as https://gitlab.wikimedia.org/toolforge-repos/my-tool"
        if let match = url.wholeMatch(of: /(?:git\+)?ssh:\/\/(?:[^@\/]*@)?([^:\/]+)(?::[0-9]+)?\/(.*)/) {
            return "is an SSH address, for which the builder has no key"
                + advice(https(host: match.1, path: match.2), or: example)
        }
        if let match = url.wholeMatch(of: /(?:[^@\/:]+@)?([^@\/:]+\.[^@\/:]+):(?![0-9]+(?:\/|$)|\/\/)\/*(.*)/) {
            return "is an SSH address, for which the builder has no key"
                + advice(https(host: match.1, path: match.2), or: example)
        }
        if let match = url.wholeMatch(of: /(?:git\+)?(https?|git)[:\/\\]+(.*)/.ignoresCase()) {
            return rule + advice("\(match.1.lowercased())://\(match.2)", or: example)
        }
        if url.contains(/^(?:file:|[.~]?\.?\/(?!\/)|[A-Za-z]:\\)/.ignoresCase()) {
            return "names a folder of one machine, which the builder cannot see: \(example)"
        }
        if url.contains("://") { return "\(rule): \(example)" }
        let bare = url.hasPrefix("//") ? url.dropFirst(2) : url[...]
        let host = bare.prefix { $0 != "/" && $0 != ":" }
        return rule + (host.contains(".") ? advice("https://\(bare)", or: example) : ": \(example)")
    }

    private static func https(host: Substring, path: Substring) -> String {
        // Gerrit serves over HTTPS under /r/ what it serves over SSH at the top.
        let prefix = host == "gerrit.wikimedia.org" && !path.hasPrefix("r/") ? "r/" : ""
        return "https://\(host)/\(prefix)\(path)"
    }

    /// `: write URL`, if that URL is valid and holds nothing that may be a password, else the other advice.
    private static func advice(_ url: String, or other: String) -> String {
        // None of the faults that such a URL may have leads to advice: so the recursion ends.
        let isPlain = url.utf8.count <= 200 && !url.contains("@") && url.utf8.allSatisfy { $0 < 0x80 }
        let isValid = isPlain && schemes.contains { url.hasPrefix("\($0)://") } && problem(url) == nil
        return isValid ? ": write \(url)" : ": \(other)"
    }
}
