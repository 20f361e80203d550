import JSON
import TestSupport
import Testing

struct JSONWriterTests {
    @Test func writesCompact() {
        let value: JSONValue = ["b": [1, true, nil, "x"], "a": [:], "c": []]
        #expect(value.text() == #"{"b":[1,true,null,"x"],"a":{},"c":[]}"#)
    }

    @Test func writesIndented() {
        let value: JSONValue = ["b": [1, ["c": nil]], "a": [:], "d": []]
        #expect(
            value.text(.indented) == """
                {
                  "b": [
                    1,
                    {
                      "c": null
                    }
                  ],
                  "a": {},
                  "d": []
                }
                """)
    }

    @Test func escapesWhatMustBeAndNothingElse() {
        let text =
            String(String.UnicodeScalarView((0..<0x20).compactMap(Unicode.Scalar.init))) + "\"\\/\u{7F}é\u{2028}😀"
        let written = JSONValue.string(text).text()
        #expect(written.hasPrefix(#""\u0000\u0001"#))
        #expect(written.contains(#"\t\n\u000b\u000c\r\u000e"#))
        #expect(written.hasSuffix("\\u001f\\\"\\\\/\u{7F}é\u{2028}😀\""))
    }

    @Test func randomValuesReadBackAsThemselves() throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SeededRandom(seed: seed)
        for _ in 0..<500 {
            let value = JSONValue.random(using: &random, depth: 5)
            for style in [JSONValue.Style.compact, .indented] {
                #expect(try JSONValue(parsing: value.serialized(style)) == value, "seed \(seed): \(value.text())")
            }
        }
    }
}
