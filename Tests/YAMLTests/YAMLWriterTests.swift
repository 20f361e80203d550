import JSON
import TestSupport
import Testing

@testable import YAML

struct YAMLWriterTests {
    private func write(_ value: JSONValue) -> String { String(decoding: value.serializedAsYAML(), as: UTF8.self) }

    @Test func writesBlocks() {
        let value: JSONValue = [
            "data": ["deploy-id": "demo-1", "builds": ["web": ["message": "All done: 1", "url": "https://x.org/a"]]],
            "list": [1, [true, nil], ["a": [], "b": [:]]], "messages": ["info": []],
        ]
        #expect(
            write(value) == """
                data:
                  deploy-id: demo-1
                  builds:
                    web:
                      message: "All done: 1"
                      url: https://x.org/a
                list:
                  - 1
                  - - true
                    - null
                  - a: []
                    b: {}
                messages:
                  info: []

                """)
    }

    @Test(arguments: [
        "", " ", "yes", "No", "ON", "off", "y", "N", "true", "False", "null", "NULL", "~", "1", "012", "0x1F", "1e3",
        ".5", "-1",
        "1:30", "2001-12-14", "=", "<<", "- a", "? a", "a: b", "a #b", "#a", "&a", "*a", "!a", "|", ">", "%a", "@a",
        "`a", "[a", "a]",
        "{a", "a,b", "'a'", "\"a\"", "a\\b", "a\nb", "a\tb", "\r", "\0", "\u{1B}", "\u{7F}", "\u{85}", "\u{A0}",
        "\u{2028}",
        "\u{2029}", "\u{FEFF}", "\u{FFFE}", "é", "e\u{301}", "😀", "\u{10FFFF}", "a:", "---", "...", "a ", " a", ".inf",
        ".NaN",
    ])
    func everyStringReadsBackAsItself(_ text: String) throws {
        for value: JSONValue in [
            .string(text), [.string(text)], ["k": .string(text)], .object(JSONObject([(text, true as JSONValue)])),
        ] {
            #expect(try JSONValue(parsingYAML: value.serializedAsYAML()) == value)
        }
        // Nothing but letters and what stands in words, paths and URLs goes without quotes.
        #expect(write(.string(text)).hasPrefix("\""))
    }

    @Test(arguments: [
        "a", "main", "deploy-id", "https://x.org:443/a/b.git", "a_b", "v1.0", "Zz", "application/yaml", "e5",
    ])
    func wordsStandWithoutQuotes(_ text: String) throws {
        #expect(write(.string(text)) == text + "\n")
        #expect(try JSONValue(parsingYAML: Array(text.utf8)) == .string(text))
    }

    @Test(arguments: [
        ("1e22", "1.0e+22"), ("1E-7", "1.0e-7"), ("1.5e3", "1.5e+3"), ("-0", "-0"), ("1.0", "1.0"), ("2e+3", "2.0e+3"),
    ])
    func numbersAreNumbersInEitherVersion(_ literal: String, _ written: String) throws {
        let value = JSONValue.number(try #require(JSONNumber(literal)))
        #expect(write(value) == written + "\n")
        #expect(try JSONValue(parsingYAML: value.serializedAsYAML()) == value)
    }

    @Test func longKeysReadBack() throws {
        for length in [127, 128, 999, 1_000, 1_001, 1_024, 5_000] {
            for unit in ["k", "é", "\n"] {
                let key = String(repeating: unit, count: length)
                for inner: JSONValue in [1, [1, 2], ["a": ["b": 1]], [], [:]] {
                    let object = JSONObject([(key, inner)])
                    let value: JSONValue = ["y": .object(object), "z": [.object(object)]]
                    #expect(try JSONValue(parsingYAML: value.serializedAsYAML()) == value)
                }
            }
        }
    }

    @Test func randomValuesReadBackAsThemselves() throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SeededRandom(seed: seed)
        for _ in 0..<500 {
            let value = JSONValue.random(using: &random, depth: 5)
            let text = value.serializedAsYAML()
            let back = try JSONValue(parsingYAML: text)
            #expect(back == value, "seed \(seed): \(String(decoding: text, as: UTF8.self))")
        }
    }
}
