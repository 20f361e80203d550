import TestSupport
import Testing

@testable import Components

/// The patterns of `ConfigGrammar` accept what the readers accept, and refuse what they refuse.
struct ConfigGrammarTests {
    /// Strings made of these pieces, most of them near the edge of the rules.
    private func strings(of pieces: [String], count: Int = 600) -> [String] {
        let seed = TestSupport.SeededRandom.anySeed()
        print("TEST_SEED=\(seed)")
        var random = TestSupport.SeededRandom(seed: seed)
        return (0..<count).map { _ in
            (0..<Int.random(in: 0...7, using: &random)).map { _ in
                pieces[Int.random(in: 0..<pieces.count, using: &random)]
            }.joined()
        }
    }

    /// A pattern as JSON Schema reads it: of Unicode scalars.
    private func matcher(_ pattern: String) throws -> (String) throws -> Bool {
        let regex = try Regex(pattern).matchingSemantics(.unicodeScalar)
        return { try regex.firstMatch(in: $0) != nil }
    }

    @Test func namePatternIsTheReadersRule() throws {
        let isName = try matcher(ConfigGrammar.namePattern)
        for name in strings(of: ["a", "z", "0", "9", "-", "A", "_", ".", "é", " ", "web"]) {
            #expect(try isName(name) == DNSLabel.isLabel(name), "\(name.debugDescription)")
        }
    }

    @Test func refPatternIsTheReadersRule() throws {
        let isRef = try matcher(ConfigGrammar.refPattern)
        let pieces = [
            "main", "a", ".", "..", "/", "-", "@", "{", "}", ".lock", "~", "^", ":", "?", "*", "[", "\\", " ", "\t",
            "\u{7F}", "é", "\u{301}", "HEAD", "$", "(", "$(", "$$", "`", ";", "&", "|", "'", "\"", "<", ">", "\u{A0}",
            "\u{200B}", "\u{202E}", "\u{2800}", "%", "#",
        ]
        for ref in strings(of: pieces) {
            #expect(try isRef(ref) == (GitRef.problem(ref) == nil), "\(ref.debugDescription)")
        }
    }

    @Test func repositoryPatternIsTheReadersRule() throws {
        let isURL = try matcher(ConfigGrammar.repositoryPattern)
        let pieces = [
            "a", "example.org", "-", ".", ":", "80", "0", "65535", "65536", "/", "?", "#", "@", "%", "%2F", "[::1]",
            "\\", "\"", " ", "é", "<", "x/y.git", "_", "$", "(", "$(", "'", ";", "`", "|", "&", "%0A", "%7F", "%7e",
            "\n",
        ]
        for scheme in ["https://", "http://", "git://", "ssh://", ""] {
            for rest in strings(of: pieces, count: 250) {
                let url = scheme + rest
                let isAccepted = RepositoryURL.problem(url) == nil
                let matches = try isURL(url)
                // What stands in brackets is an address for the reader, and only looks like one to a pattern.
                #expect(matches == isAccepted || matches && url.contains("["), "\(url.debugDescription)")
            }
        }
    }

    @Test func toolPatternIsTheRuleOfNames() throws {
        let isTool = try matcher(ToolName.pattern)
        for name in strings(of: ["a", "z", "0", "9", "-", "A", "_", "é", "tool"]) {
            #expect(try isTool(name) == (ToolName(name) != nil), "\(name.debugDescription)")
        }
    }

    @Test func keyPatternIsTheRuleOfKeys() throws {
        let isKey = try matcher(IdempotencyKey.pattern)
        for key in strings(of: ["a", "Z", "0", ".", "_", "-", "\"", " ", "é", "~", "key"]) {
            #expect(try isKey(key) == (IdempotencyKey(key) != nil), "\(key.debugDescription)")
        }
    }
}
