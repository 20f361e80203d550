import Testing

@testable import Components

struct RepositoryURLTests {
    @Test(arguments: [
        "https://github.com/wikimedia/toolhunt-ui", "http://example.org/r.git", "git://example.org:9418/r",
        "https://gitlab.wikimedia.org/a/b/-/c?x=y", "https://127.0.0.1:8443/git/demo.git", "https://[::1]:8443/r",
        "https://example.org./r", "https://example.org", "https://example.org/a%20b", "https://EXAMPLE.org/R",
        "https://[2001:db8::a:1]/r", "https://[::ffff:192.0.2.1]:443/r",
    ])
    func acceptsURLsGitFetchesFrom(_ url: String) {
        #expect(RepositoryURL.problem(url) == nil)
    }

    @Test(arguments: [
        "", "example.org/r", "ftp://example.org/r", "file:///etc", "ssh://git@example.org/r", "HTTPS://example.org/r",
        "git@example.org:r.git", "https://user:secret@example.org/r", "https://token@example.org/r", "https://",
        "https:///r", "https://exa mple.org/r", "https://example.org/r#main", "https://example.org/\u{e9}",
        "https://example.org:0/r", "https://example.org:65536/r", "https://example.org:+80/r", "https://example.org:/r",
        "https://-x.org/r", "https://[::1/r", "https://[zz]/r",
        "http://[00600001:]/r", "https://[1:2:3]/r", "https://[::1::2]/r", "https://[fe80::1%25eth0]/r", "https://[]/r",
        "https://[::1]x/r", "https://[192.0.2.1]/r", "https://example..org/r",
        #"https://example.org\@evil/r"#,
        "https://example.org/%zz", "https://example.org/\n", "https://example.org/r\"", "ext::sh -c x",
        "https://example.org/" + String(repeating: "x", count: 2_048),
    ])
    func refusesEverythingElse(_ url: String) {
        #expect(RepositoryURL.problem(url) != nil)
    }

    @Test func neverRepeatsAPasswordInItsMessage() {
        #expect(RepositoryURL.problem("https://user:hunter2@example.org/r")?.contains("hunter2") == false)
    }
}
