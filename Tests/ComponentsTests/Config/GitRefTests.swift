import Testing

@testable import Components

struct GitRefTests {
    @Test(arguments: [
        "main", "HEAD", "v1.2.3", "feature/x", "refs/heads/main", "a@b", "ünïcode",
        "0123456789abcdef0123456789abcdef01234567",
        "x.lock.y", "a-", "{", "a}",
    ])
    func acceptsWhatGitDoes(_ ref: String) {
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
}
