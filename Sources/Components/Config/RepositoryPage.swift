import Foundation
import JSON

/// A web page of a repository, given where git needs the repository itself: what was probably meant.
///
/// Such a URL can be valid, so it is a warning and no mistake.
struct RepositoryPage: Equatable {
    /// The repository that the page belongs to.
    let repository: String
    /// The branch, tag or commit that the page shows, if it shows one.
    let ref: String?

    /// What the author should know.
    var warning: String {
        "this is probably a page about a repository, which git cannot clone; what is meant is probably "
            + "repository: \(repository)" + (ref.map { ", ref: \($0)" } ?? "")
    }

    /// The page of that URL, which is valid; `nil` if it is not known as a page.
    init?(_ url: String) {
        guard let scheme = ["https", "http"].first(where: { url.hasPrefix("\($0)://") }) else { return nil }
        let parts = url.utf8.dropFirst(scheme.utf8.count + 3).split(
            separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
        let names = parts[0].split(separator: UInt8(ascii: "/")).map { Substring($0) }
        guard let authority = names.first else { return nil }
        let segments = Array(names.dropFirst())
        let host = authority.lowercased()
        let query = parts.count > 1 ? Substring(parts[1]) : nil
        guard let (path, shown) = Self.page(host, segments) ?? Self.query(query, segments) else { return nil }
        // What raw.githubusercontent.com serves belongs to a repository of github.com.
        let isGitHub = ["raw.githubusercontent.com", "www.github.com"].contains(host)
        let owner = isGitHub ? "github.com" : String(authority)
        let repository = "\(scheme)://\(owner)/\(path.joined(separator: "/"))"
        guard RepositoryURL.problem(repository) == nil, repository != url else { return nil }
        self.repository = repository
        ref = shown.flatMap { $0.removingPercentEncoding }.flatMap { GitRef.problem($0) == nil ? $0 : nil }
    }

    private typealias Page = (path: ArraySlice<Substring>, ref: String?)

    private static func page(_ host: String, _ segments: [Substring]) -> Page? {
        // GitLab, on whatever host.
        if let dash = segments.firstIndex(of: "-"), dash > 1 {
            return (segments[..<dash], ref(behind: segments[(dash + 1)...]))
        }
        // gitiles, which shows what Gerrit serves.
        if let plugin = segments.firstIndex(of: "gitiles"), plugin > 0, segments[plugin - 1] == "plugins" {
            let project = segments[(plugin + 1)...].prefix { $0 != "+" }
            let shown = segments[(plugin + 1)...].dropFirst(project.count + 1)
            return (segments[..<(plugin - 1)] + project, ref(of: shown))
        }
        guard segments.count > 2 else { return nil }
        switch (host, segments[2]) {
        case ("github.com", _), ("www.github.com", _): return (segments[..<2], ref(behind: segments[2...]))
        case ("raw.githubusercontent.com", _): return (segments[..<2], ref(of: segments[2...]))
        // Bitbucket; Gitea and Forgejo, on whatever host, say of which kind the ref is.
        case ("bitbucket.org", "src"): return (segments[..<2], ref(of: segments[3...]))
        case (_, "src") where ["branch", "tag", "commit"].contains(segments.dropFirst(3).first ?? ""):
            return (segments[..<2], ref(of: segments[4...]))
        default: return nil
        }
    }

    /// `?ref=main`, which hosts of git ignore.
    private static func query(_ query: Substring?, _ segments: [Substring]) -> Page? {
        guard let query else { return nil }
        for pair in query.split(separator: "&") where pair.hasPrefix("ref=") {
            return (segments[...], String(pair.dropFirst(4)))
        }
        return nil
    }

    /// The ref that a page shows whose kind is the first segment: `tree/main`, `releases/tag/v1`.
    private static func ref(behind segments: ArraySlice<Substring>) -> String? {
        switch segments.first {
        case "tree", "blob", "raw", "blame", "commits", "commit", "edit", "tags": ref(of: segments.dropFirst())
        case "releases" where segments.dropFirst().first == "tag": ref(of: segments.dropFirst(2))
        default: nil
        }
    }

    /// A ref at the start of a path; only `refs/heads/x` and `refs/tags/x` are known to be of several segments.
    private static func ref(of segments: ArraySlice<Substring>) -> String? {
        segments.first == "refs"
            ? segments.count >= 3 ? segments.prefix(3).joined(separator: "/") : nil : segments.first.map(String.init)
    }
}
