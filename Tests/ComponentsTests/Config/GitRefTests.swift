import Testing

@testable import Components

struct GitRefTests {
    @Test(arguments: [
        "main", "HEAD", "v1.2.3", "feature/x", "refs/heads/main", "refs/tags/v1.0.0", "build-dev", "a@b", "ünïcode",
        "0123456789abcdef0123456789abcdef01234567", "x.lock.y", "a-", "{", "a}", "a$b", "a+b", "a#b", "a=b", "a,b",
        "a%b", "release(1)", "$",
    ])
    func acceptsARefThatIsSafeToHandOn(_ ref: String) {
        #expect(GitRef.problem(ref) == nil)
    }

    @Test(arguments: [
        "", "-x", "--upload-pack=evil", "a..b", "a b", "a\tb", "a\u{7F}", "a~1", "a^", "a:b", "a?", "a*", "a[", #"a\b"#,
        "/a", "a/", "a//b", ".a", "a/.b", "a.", "a.lock", "a.lock/b", "@", "a@{1}", "a\n", "a..\u{301}", "x/.\u{301}",
        String(repeating: "a", count: 1_025),
    ])
    func refusesWhatGitRefusesAndWhatLooksLikeAnOption(_ ref: String) {
        #expect(GitRef.problem(ref) != nil)
    }

    @Test(arguments: [
        ("$(context.pipelineRun.namespace)", "'$('"), ("a$$(b)", "'$$'"), ("a`id`", "'`'"), ("a;b", "';'"),
        ("a&&b", "'&'"), ("a|b", "'|'"), ("a'b", "'''"), ("a\"b", "'\"'"), ("a<b", "'<'"), ("a>b", "'>'"),
        (#"a\b"#, #"'\'"#), ("a b", "a space"), ("a\nb", "a line break"), ("a\u{200B}b", "U+200B (zero width space)"),
        ("a\u{202E}b", "U+202E"), ("a\u{A0}b", "U+00A0 (no-break space)"), ("a\u{AD}b", "U+00AD"),
        ("a\u{7}b", "U+0007"), (" main", "begins or ends with a space"), ("main\u{A0}", "begins or ends with U+00A0"),
        ("main\n", "ends with a line break"), ("<branch>", #"the placeholder "<branch>""#),
    ])
    func namesTheCharacterThatIsRefused(_ ref: String, _ words: String) throws {
        #expect(try #require(GitRef.problem(ref)).contains(words))
    }
}
