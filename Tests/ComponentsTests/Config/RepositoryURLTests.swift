import Testing

@testable import Components

struct RepositoryURLTests {
    @Test(arguments: [
        "https://github.com/wikimedia/toolhunt-ui", "http://example.org/r.git", "git://example.org:9418/r",
        "https://gitlab.wikimedia.org/a/b/-/c?x=y", "https://127.0.0.1:8443/git/demo.git", "https://[::1]:8443/r",
        "https://example.org./r", "https://example.org", "https://example.org/a%20b", "https://EXAMPLE.org/R",
        "https://[2001:db8::a:1]/r", "https://[::ffff:192.0.2.1]:443/r", "https://my_git.example.org/r",
        "https://example.org/r?a=b&c=d", "https://example.org/~user/r", "https://example.org/a$b",
        "https://example.org/@s/r", "https://xn--bcher-kva.example/r",
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

    /// What people give for a URL, and the URL that the message tells them to write.
    @Test(arguments: [
        ("git@github.com:user/tool.git", "https://github.com/user/tool.git"),
        ("github.com:user/tool", "https://github.com/user/tool"),
        ("git@gitlab.wikimedia.org:a/tool.git", "https://gitlab.wikimedia.org/a/tool.git"),
        ("ssh://git@github.com/user/tool.git", "https://github.com/user/tool.git"),
        ("ssh://git@github.com:22/user/tool.git", "https://github.com/user/tool.git"),
        ("git+ssh://git@github.com/user/tool.git", "https://github.com/user/tool.git"),
        ("ssh://user@gerrit.wikimedia.org:29418/labs/tool", "https://gerrit.wikimedia.org/r/labs/tool"),
        ("https://user@github.com/user/tool", "https://github.com/user/tool"),
        ("https://user:secret@github.com/user/tool", "https://github.com/user/tool"),
        ("https://github.com:443@github.com/user/tool", "https://github.com/user/tool"),
        ("github.com/user/tool", "https://github.com/user/tool"),
        ("//github.com/user/tool", "https://github.com/user/tool"),
        ("git.example.org:8080/tool", "https://git.example.org:8080/tool"),
        ("HTTPS://github.com/user/tool", "https://github.com/user/tool"),
        ("git+https://github.com/user/tool", "https://github.com/user/tool"),
        ("https:/github.com/user/tool", "https://github.com/user/tool"),
        (#"https:\\github.com/user/tool"#, "https://github.com/user/tool"),
        ("GIT://example.org/r", "git://example.org/r"),
        ("https://bücher.example/tool", "https://xn--bcher-kva.example/tool"),
        ("https://BÜCHER.example:8443/tool", "https://xn--bcher-kva.example:8443/tool"),
        ("https://例え.テスト/tool", "https://xn--r8jz45g.xn--zckzah/tool"),
        ("https://ｇｉｔｈｕｂ.com/u/tool", "https://github.com/u/tool"),
    ])
    func saysWhatToWrite(_ url: String, _ right: String) throws {
        let problem = try #require(RepositoryURL.problem(url))
        #expect(problem.hasSuffix(": write \(right)"), "\(problem)")
        #expect(RepositoryURL.problem(right) == nil)
    }

    @Test(arguments: [
        ("https://github.com/user/tool ", "begins or ends with a space: remove it"),
        ("\u{A0}https://github.com/user/tool", "begins or ends with U+00A0 (no-break space): remove it"),
        ("https://github.com/user/tool\n", "ends with a line break, as a YAML block"),
        ("https://github.com/\nuser/tool", "holds a line break: write the URL on one line"),
        ("https://github.com/user/my tool", "holds a space: write %20"),
        ("https://git hub.com/user/tool", "holds a space in the name of the host"),
        ("\"https://github.com/user/tool\"", "a quote that is part of the value"),
        ("https://github.com/user/tool'", "a quote that is part of the value"),
        ("“https://github.com/user/tool”", "a quote that is part of the value"),
        ("https://github.com/<user>/tool", #"placeholder "<user>""#), ("<string>", #"placeholder "<string>""#),
        ("https://github.com/${USER}/tool", #"placeholder "${USER}""#),
        ("https://github.com/{{ user }}/tool", #"placeholder "{{ user }}""#),
        ("https://<user>:<token>@github.com/u/tool", "holds a placeholder: write"),
        (#"https://github.com\user\tool"#, "holds a backslash: write '/'"),
        ("https://github.com/user/é", "holds 'é': write it as %C3%A9"),
        ("https://github.com/a;b", "holds ';': write it as %3B"),
        ("https://github.com/a'b", "holds ''': write it as %27"),
        ("https://github.com/a|b", "holds '|': write it as %7C"),
        ("https://github.com/a`b", "holds '`': write it as %60"),
        ("https://github.com/a\"b", "holds '\"': write it as %22"),
        ("https://github.com/a>b", "holds '>': write it as %3E"),
        ("https://github.com/$(context.pipelineRun.namespace)/tool", "must not hold '$('"),
        ("https://github.com/a$$b", "must not hold '$$'"),
        ("https://github.com/user\u{200B}/tool", "holds U+200B (zero width space): remove it"),
        ("https://git\u{200B}hub.com/tool", "holds U+200B (zero width space) in the name of the host"),
        ("https://git\u{7}hub.com/tool", "holds the control character U+0007 in the name of the host"),
        ("https://🚀.example/tool", "the name of the host must be in ASCII"),
        ("https://example.org:é/tool", "names no valid port"), ("https://é:é/tool", "write xn--9ca for it"),
        ("https://bü$cher.example/tool", "must be in ASCII: write xn--"),
        ("https://github.com/user/tool#main", ##"leave "#main" out, and name a branch, tag or commit under ref"##),
        ("https://github.com/100%/tool", "write %25"), ("https://github.com/a%0Ab", "holds %0A, a control character"),
        ("https://github.com/a%00b", "holds %00, a control character"),
        ("https://github.com:http/tool", "names no valid port"), ("https:///tool", "names no host after https://"),
        ("https://exa$mple.org/r", "names no valid host"), ("https://[::1/r", "names no valid IPv6 address"),
        ("/home/user/tool", "names a folder of one machine"), ("./tool", "names a folder"),
        ("~/tool", "names a folder"),
        ("file:///srv/tool", "names a folder"), (#"C:\tool"#, "names a folder"),
        ("", "is empty: write a URL such as"),
        ("user/tool", "must begin with https://, http:// or git://: write a URL such as"),
        ("svn://example.org/r", "must begin with https://"),
    ])
    func saysWhatIsWrong(_ url: String, _ words: String) throws {
        let problem = try #require(RepositoryURL.problem(url))
        #expect(problem.contains(words), "\(problem)")
    }

    @Test(arguments: [
        "https://user:hunter2@example.org/r", "https://user:a/hunter2@example.org/r",
        "https://user:a#hunter2@example.org/r", "https://user#hunter2@example.org/r",
        "ssh://user:hunter2@example.org/r", "ssh://user:a@hunter2@example.org/r", "us.er:hunter2@example.org/r",
        "user:hunter2@example.org/r", "https:/user:hunter2@example.org/r", #"https://user:a\hunter2@example.org/r"#,
        "https://user:<hunter2>@example.org/r", "https://user:a hunter2@example.org/r",
        "HTTPS://user:hunter2@example.org/r", "https://user:hunter2@bücher.example/r",
        "//user:hunter2@example.org/r", "https://user:é{hunter2}@example.org/r",
    ])
    func neverRepeatsAPassword(_ url: String) throws {
        let problem = try #require(RepositoryURL.problem(url))
        #expect(!problem.contains("hunter2"), "\(problem)")
    }
}
