import Testing

@testable import Components

/// The cause that the words of a failed step tell: each pattern as its tool writes it, in the steps that run the tool alone.
struct StepWordsTests {
    private func cause(_ words: String, _ step: String) -> Reason? { StepWords(words).cause(ofStep: step)?.reason }

    @Test(arguments: [
        ("fatal: Remote branch no-such not found in upstream origin", Reason.refNotFound),
        ("fatal: couldn't find remote ref refs/heads/x", .refNotFound),
        ("error: Could not find remote ref x", .refNotFound),
        ("error: pathspec 'x' did not match any file(s) known to git", .refNotFound),
        ("fatal: reference is not a tree: 1234", .refNotFound),
        ("fatal: remote error: upload-pack: not our ref 0123", .refNotFound),
        ("error: Server does not allow request for unadvertised object 0123", .refNotFound),
        ("fatal: ambiguous argument 'x': unknown revision or path not in the working tree.", .refNotFound),
        ("fatal: bad revision 'x'", .refNotFound),
        ("remote: Repository not found.", .repositoryNotFound),
        ("fatal: repository 'https://x.test/a/' not found", .repositoryNotFound),
        ("fatal: repository '/srv/x' does not exist", .repositoryNotFound),
        ("fatal: unable to access 'https://x.test/': The requested URL returned error: 404", .repositoryNotFound),
        ("fatal: '/srv/x' does not appear to be a git repository", .repositoryNotFound),
        (
            "fatal: https://x.test/info/refs not valid: did you run git update-server-info on the server?",
            .repositoryNotFound
        ),
        ("fatal: could not read Username for 'https://github.com': No such device or address", .repositoryPrivate),
        ("fatal: could not read Password for 'https://x.test'", .repositoryPrivate),
        ("fatal: Authentication failed for 'https://x.test/'", .repositoryPrivate),
        ("git@x.test: Permission denied (publickey).", .repositoryPrivate),
        ("fatal: unable to access 'https://x.test/': The requested URL returned error: 403", .repositoryPrivate),
        ("fatal: unable to access 'https://x.test/': Could not resolve host: x.test", .repositoryUnreachable),
        ("fatal: unable to access 'https://x.test/': Failed to connect to x.test port 443", .repositoryUnreachable),
        ("fatal: unable to access 'https://x.test/': SSL certificate problem: expired", .repositoryUnreachable),
        ("fatal: the remote end hung up unexpectedly", .repositoryUnreachable),
        ("fatal: unable to access 'https://x.test/': The requested URL returned error: 503", .repositoryUnreachable),
        ("fatal: Out of memory, malloc failed (tried to allocate 12345 bytes)", .outOfMemory),
    ])
    func gitsWordsCountInTheStepThatClones(_ words: String, _ reason: Reason) {
        for step in ["clone", "git-clone", "fetch-repository"] {
            #expect(cause("Cloning into 'r'...\n\(words)\n", step) == reason)
        }
        for step in ["build", "detect", "export", "prepare"] { #expect(cause(words, step) == nil) }
    }

    @Test(arguments: [
        "ERROR: No buildpack groups passed detection.", "ERROR: failed to detect: no buildpacks participating",
    ])
    func theDetectorsWordsCountWhereItRuns(_ words: String) {
        for step in ["detect", "create", "build"] { #expect(cause(words, step) == .buildpackNotDetected) }
        for step in ["export", "clone", "test"] { #expect(cause(words, step) == nil) }
    }

    @Test(arguments: [
        (
            "ERROR: failed to export: failed to write image to the following tags: [r/tool-x/web:latest: PUT https://r/v2/: "
                + "DENIED: adding 61.5 MiB of storage resource, which when updated to current usage of 1023.9 MiB will exceed "
                + "the configured upper limit of 1.0 GiB.]", Reason.registryQuotaExceeded
        ),
        (
            "Quota exceeded when processing the request of adding 1.3 MiB, which when added to current usage of 235.9 MiB "
                + "will exceed the configured upper limit of 100.0 MiB.", .registryQuotaExceeded
        ),
        (
            "ERROR: failed to initialize analyzer: validating registry write access: ensure registry read/write access to r/x",
            .registryRefused
        ),
        ("denied: requested access to the resource is denied", .registryRefused),
        ("no basic auth credentials", .registryRefused), ("project tool-x not found", .registryRefused),
        ("PUT https://r/v2/x/manifests/latest: unexpected status code 502 Bad Gateway", .registryRefused),
        ("Get \"https://r/v2/\": dial tcp 10.0.0.1:443: connect: connection refused", .registryRefused),
        ("Get \"https://r/v2/\": dial tcp 10.0.0.1:443: i/o timeout", .registryRefused),
        ("Get \"https://r/v2/\": dial tcp: lookup r: no such host", .registryRefused),
    ])
    func theRegistrysWordsCountWhereTheLifecycleSpeaksWithIt(_ words: String, _ reason: Reason) {
        for step in ["analyze", "restore", "export", "create"] { #expect(cause(words, step) == reason) }
        for step in ["build", "detect", "test"] { #expect(cause(words, step) == nil) }
    }

    @Test(arguments: [
        "ERROR: failed to write image: UNAUTHORIZED: unauthorized to access repository",
        "DENIED: artifact is immutable", "NAME_UNKNOWN: repository name not known to registry",
        "PermissionError: [Errno 13] Permission denied: '/x'",
    ])
    func theRegistrysCodesCountWhereNothingOfTheToolRuns(_ words: String) {
        for step in ["analyze", "restore", "export"] { #expect(cause(words, step) == .registryRefused) }
        for step in ["create", "build", "detect", "test"] { #expect(cause(words, step) == nil) }
    }

    @Test(arguments: [
        "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
        "FATAL ERROR: Ineffective mark-compacts near heap limit Allocation failed - JavaScript heap out of memory",
        "c++: fatal error: Killed signal terminated program cc1plus",
        "process didn't exit successfully: `rustc --crate-name x` (signal: 9, SIGKILL: kill)",
        "go build x: /usr/lib/go/pkg/tool/linux_amd64/compile: signal: killed",
        "/usr/lib/go/pkg/tool/linux_amd64/link: signal: killed",
        "Exception in thread \"main\" java.lang.OutOfMemoryError: Java heap space",
        "OSError: [Errno 12] Cannot allocate memory",
    ])
    func aLackOfMemoryCountsWhereBuildpacksRun(_ words: String) {
        for step in ["build", "create"] { #expect(cause(words, step) == .outOfMemory) }
        for step in ["export", "detect", "clone", "test"] { #expect(cause(words, step) == nil) }
    }

    @Test(arguments: [
        "", "Killed", "npm ERR! code E403", "signal: killed", "make: *** [all] Error 1",
        "the JavaScript heap out of memory is what we test", "denied: x",
    ])
    func whatFitsNoPatternTellsNoCause(_ words: String) { #expect(cause(words, "build") == nil) }

    @Test func theFirstRowThatFitsCountsWhicheverLineComesFirst() {
        let words = "fatal: unable to access\nfatal: Remote branch x not found in upstream origin"
        #expect(cause(words, "clone") == .refNotFound)
        let coloured = StepWords("a\n\u{1B}[31mfatal:\u{1B}[0m  bad revision 'x'\u{7}\nz")
        #expect(coloured.cause(ofStep: "clone")?.line == "fatal: bad revision 'x'")
    }
}
