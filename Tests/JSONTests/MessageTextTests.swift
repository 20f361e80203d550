import JSON
import Testing

struct MessageTextTests {
    @Test func quotedForMessageBreaksNoLineAndStaysShort() {
        #expect("a\"b\\".quotedForMessage == #""a\"b\\""#)
        #expect("".quotedForMessage == "\"\"")
        #expect("a\nb\u{2028}\u{202E}\0".quotedForMessage == #""a\u{A}b\u{2028}\u{202E}\u{0}""#)
        #expect(String(repeating: "x", count: 80).quotedForMessage.hasSuffix("x\""))
        #expect(String(repeating: "x", count: 81).quotedForMessage == "\"\(String(repeating: "x", count: 80))\"…")
        #expect(String(repeating: "\n", count: 10_000).quotedForMessage.utf8.count < 1_000)
    }

    @Test func quotedForMessageShowsWhatCannotBeSeen() {
        #expect("a\u{A0}b\u{200B}\u{3164}\u{2800}é".quotedForMessage == #""a\u{A0}b\u{200B}\u{3164}\u{2800}é""#)
    }

    @Test(
        arguments: [
            ("\u{0}", true), ("\t", true), ("\u{7F}", true), ("\u{85}", true), ("\u{A0}", true), ("\u{AD}", true),
            ("\u{200B}", true), ("\u{200E}", true), ("\u{202E}", true), ("\u{2028}", true), ("\u{2800}", true),
            ("\u{3000}", true), ("\u{3164}", true), ("\u{FE0F}", true), ("\u{FEFF}", true), ("\u{E0041}", true),
            (" ", false), ("!", false), ("~", false), ("é", false), ("\u{301}", false), ("中", false), ("🚀", false),
        ] as [(Unicode.Scalar, Bool)])
    func knowsWhatCannotBeSeen(_ scalar: Unicode.Scalar, _ isInvisible: Bool) {
        #expect(scalar.isInvisible == isInvisible)
    }

    @Test(
        arguments: [
            (" ", "a space"), ("\t", "a tab"), ("\n", "a line break"), ("\r", "a line break"), ("~", "'~'"),
            ("é", "'é'"),
            ("\u{200B}", "U+200B (zero width space)"), ("\u{7}", "the control character U+0007"),
        ] as [(Unicode.Scalar, String)])
    func namesACharacter(_ scalar: Unicode.Scalar, _ words: String) {
        #expect(scalar.descriptionForMessage == words)
    }
}
