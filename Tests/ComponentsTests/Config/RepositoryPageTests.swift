import Testing

@testable import Components

struct RepositoryPageTests {
    private static let github = "https://github.com/user/tool"
    private static let gitlab = "https://gitlab.wikimedia.org/repos/cloud/tool"
    private static let commit = "0123456789abcdef0123456789abcdef01234567"

    @Test(arguments: [
        ("\(github)/tree/main", github, "main"), ("\(github)/tree/main/src/x", github, "main"),
        ("https://www.github.com/user/tool/blob/v1.0/README.md", github, "v1.0"),
        ("\(github)/commit/\(commit)", github, commit), ("\(github)/releases/tag/v2", github, "v2"),
        ("\(github)/releases", github, nil), ("\(github)/pull/7", github, nil),
        ("\(github)/archive/refs/heads/main.zip", github, nil),
        ("\(github)/tree/feature%2Fx", github, "feature/x"), ("\(github)/tree/a%20b", github, nil),
        ("https://raw.githubusercontent.com/user/tool/main/toolforge.yaml", github, "main"),
        ("https://raw.githubusercontent.com/user/tool/refs/heads/main/x.yaml", github, "refs/heads/main"),
        ("https://raw.githubusercontent.com/user/tool/refs/heads", github, nil),
        ("\(gitlab)/-/tree/main", gitlab, "main"), ("\(gitlab)/-/blob/main/x?ref_type=heads", gitlab, "main"),
        ("\(gitlab)/-/tags/v1", gitlab, "v1"), ("\(gitlab)/-/merge_requests/3", gitlab, nil),
        (
            "https://gerrit.wikimedia.org/r/plugins/gitiles/labs/tool/+/refs/heads/master",
            "https://gerrit.wikimedia.org/r/labs/tool", "refs/heads/master"
        ),
        (
            "https://gerrit.wikimedia.org/r/plugins/gitiles/labs/tool", "https://gerrit.wikimedia.org/r/labs/tool", nil
        ),
        ("https://codeberg.org/user/tool/src/branch/main", "https://codeberg.org/user/tool", "main"),
        ("https://bitbucket.org/user/tool/src/main/", "https://bitbucket.org/user/tool", "main"),
        ("\(github)?ref=main", github, "main"),
        ("https://example.org/r.git?x=y&ref=v1", "https://example.org/r.git", "v1"),
        ("http://github.com/user/tool/tree/main", "http://github.com/user/tool", "main"),
        ("https://github.com//user//tool//tree/main", github, "main"),
        ("\(gitlab)/-/tree/main?a?b", gitlab, "main"),
        ("https://x.org:8443/a/b/-/blob/v1", "https://x.org:8443/a/b", "v1"),
    ])
    func knowsWhatIsMeant(_ url: String, _ repository: String, _ ref: String?) throws {
        let page = try #require(RepositoryPage(url))
        #expect(page.repository == repository)
        #expect(page.ref == ref)
        #expect(RepositoryURL.problem(url) == nil)
        #expect(RepositoryURL.problem(repository) == nil)
        #expect(page.warning.contains("repository: \(repository)"))
    }

    @Test(arguments: [
        github, "\(github)/", "\(github).git", gitlab, "https://gitlab.wikimedia.org/-/x", "https://example.org",
        "https://example.org/a/src/b/c", "https://example.org/r?x=y", "git://example.org/a/b/-/tree/main",
        "https://gerrit.wikimedia.org/r/labs/tool", "https://example.org?", "https://example.org/?x",
        "ssh://x.org/a/b/-/x",
    ])
    func leavesRepositoriesAlone(_ url: String) {
        #expect(RepositoryPage(url) == nil)
    }
}
