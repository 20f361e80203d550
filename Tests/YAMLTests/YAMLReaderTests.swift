import JSON
import TestSupport
import Testing

@testable import YAML

struct YAMLReaderTests {
    private func read(_ text: String) throws -> JSONValue { try JSONValue(parsingYAML: Array(text.utf8)) }

    @Test(arguments: [
        ("a: 1", #"{"a":1}"#), ("a:\n  b:\n  - 1\n  - x\n", #"{"a":{"b":[1,"x"]}}"#),
        ("- a\n- - b\n  - c", #"["a",["b","c"]]"#),
        ("{a: [1, 2], 'b': \"c\"}", #"{"a":[1,2],"b":"c"}"#),
        (#"{"a":{"b":[true,null,1.5,"x"]}}"#, #"{"a":{"b":[true,null,1.5,"x"]}}"#),
        ("---\na: b\n...\n", #"{"a":"b"}"#), ("%YAML 1.2\n---\na: b\n", #"{"a":"b"}"#),
        ("# c\na: b # d\n", #"{"a":"b"}"#),
        ("a: |\n  x\n  y\n", #"{"a":"x\ny\n"}"#), ("a: >-\n  x\n  y\n", #"{"a":"x y"}"#),
        ("a: x\n  y\n", #"{"a":"x y"}"#),
        ("a: 'it''s'", #"{"a":"it's"}"#), (#"a: "\x41\u00e9\U0001F600\/\e""#, #"{"a":"Aé😀/\u001b"}"#),
        ("a:\n- 1\nb:", #"{"a":[1],"b":null}"#), ("a: {}\nb: []", #"{"a":{},"b":[]}"#), ("? a\n: b", #"{"a":"b"}"#),
        ("scalar", #""scalar""#), ("'a b': c", #"{"a b":"c"}"#), ("a: b:c", #"{"a":"b:c"}"#),
        ("a: https://x.org/?q=1#f", #"{"a":"https://x.org/?q=1#f"}"#), ("a: 1\r\nb: 2\r\n", #"{"a":1,"b":2}"#),
        ("{\"a\":1}", #"{"a":1}"#), ("\"<<\": 1", #"{"<<":1}"#), ("'1': x", #"{"1":"x"}"#),
        ("é: 1\ne\u{301}: 2", "{\"é\":1,\"e\u{301}\":2}"),
    ])
    func readsWhatJSONCanHold(_ text: String, _ json: String) throws {
        #expect(try read(text) == JSONValue(parsing: Array(json.utf8)))
    }

    /// Plain scalars of the core schema; everything not in these lists is a string.
    @Test(arguments: [
        ("12", "12"), ("-12", "-12"), ("+12", "12"), ("012", "12"), ("-012", "-12"), ("00", "0"), ("-0", "0"),
        ("0o14", "12"),
        ("0x1F", "31"), ("0xfe", "254"), ("0o7", "7"), ("1.5", "1.5"), (".5", "0.5"), ("+.5", "0.5"), ("-.5", "-0.5"),
        ("1.", "1"), ("1.e3", "1000"), ("1e3", "1000"), ("1E+3", "1000"), ("12e03", "12000"), ("1e22", "1E22"),
        ("0.10", "0.1"), ("9223372036854775807", "9223372036854775807"), ("0x7FFFFFFFFFFFFFFF", "9223372036854775807"),
        ("-9223372036854775808", "-9223372036854775808"), ("007.50", "7.5"),
        ("~", "null"), ("null", "null"), ("Null", "null"), ("NULL", "null"), ("", "null"),
        ("true", "true"), ("True", "true"), ("TRUE", "true"), ("false", "false"), ("False", "false"),
        ("FALSE", "false"),
    ])
    func plainScalarsOfTheCoreSchemaHaveTheirMeaning(_ scalar: String, _ json: String) throws {
        #expect(try read("- \(scalar)") == .array([JSONValue(parsing: Array(json.utf8))]))
    }

    @Test(arguments: [
        "yes", "Yes", "no", "on", "off", "y", "n", "nULL", "tRUE", "nil", "none", "2001-12-14",
        "2001-12-14t21:59:43.10-05:00",
        "1_000", "0b1", "190:20:30", "1:30", "0o8", "0o", "0x", "0xG", "-0x1F", "+0o7", "0X1F", "1e", "1e+", "e3", ".",
        "+", "-.",
        ".e3", "1.5.2", "1,000", "+-1", "--1", "inf", "NaN", "nan", "Infinity", ".inF", ".naN", "+.nan", "-.NaN", "12a",
        "=", "<<",
        "0.1.2", "1 2",
    ])
    func allOtherPlainScalarsAreStrings(_ scalar: String) throws {
        #expect(try read("- \(scalar)") == [.string(scalar)])
    }

    @Test(arguments: ["12", "true", "null", "~", "", ".inf", "0x1F", "1e400"])
    func quotedScalarsAndBlocksAreStrings(_ text: String) throws {
        #expect(try read("- '\(text)'\n- \"\(text)\"\n") == [.string(text), .string(text)])
        if !text.isEmpty { #expect(try read("- |-\n  \(text)\n- >-\n  \(text)\n") == [.string(text), .string(text)]) }
    }

    @Test(arguments: [
        // A text, and the line and column of the error.
        ("", 1, 1), ("# nothing\n", 2, 1), ("---\n", 2, 1), ("---\n...\n", 2, 1), ("   ", 2, 1),
        ("a: &x 1", 1, 4), ("&x a: 1", 1, 1), ("a: &x\n  b: 1", 1, 4), ("a: &x []", 1, 4), ("a: *x", 1, 4),
        ("*x : 1", 1, 1),
        ("a: &x 1\nb: *x", 1, 4), ("a: !!str 1", 1, 4), ("a: !x y", 1, 4), ("a: ! y", 1, 4), ("a: ! 'y'", 1, 4),
        ("!!map {a: 1}", 1, 1),
        ("a: !!set {b}", 1, 4), ("a: ! [x]", 1, 4), ("!!str a: 1", 1, 1), ("a: !<tag:x> y", 1, 4),
        ("a: !!binary aGk=", 1, 4),
        ("%TAG ! tag:x:\n---\na: 1", 1, 1), ("%YAML 1.1\n---\na: 1", 1, 1),
        ("a: 1\n---\nb: 2", 2, 1), ("a: 1\n...\n---\n", 3, 1), ("--- 1\n--- 2", 2, 1),
        ("a: 1\na: 2", 2, 1), ("{a: 1, 'a': 2}", 1, 8), ("\"\\u0061\": 1\na: 2", 2, 1), ("a: {b: 1, b: 1}", 1, 11),
        ("<<: {a: 1}", 1, 1), ("a:\n  <<: {b: 1}", 2, 3), ("1: a", 1, 1), ("true: a", 1, 1), ("~: a", 1, 1),
        (": a", 1, 1),
        ("1.5: a", 1, 1), (".inf: a", 1, 1), ("[a]: b", 1, 1), ("{a: b}: c", 1, 1), ("? [a]\n: b", 1, 3),
        ("? {a: 1}\n: b", 1, 3),
        ("a: .inf", 1, 4), ("a: -.INF", 1, 4), ("a: +.Inf", 1, 4), ("a: .nan", 1, 4), ("a: .NaN", 1, 4),
        ("a: .NAN", 1, 4),
        ("a: 1e400", 1, 4), ("a: 9223372036854775808", 1, 4), ("a: 0.10000000000000000001", 1, 4),
        ("a: 0xFFFFFFFFFFFFFFFF", 1, 4),
        ("a: 0x10000000000000000", 1, 4), ("a: 0o7777777777777777777777777", 1, 4), ("a: 1e-400", 1, 4),
        ("\u{FEFF}a: 1", 1, 1), ("a:\r b\r\n c\n d\u{7}", 4, 3), ("a: \0", 1, 4), ("a: \u{7}", 1, 4),
        ("a: \u{7F}", 1, 4), ("a: \u{85}", 1, 4),
        ("é: 'b\u{2028}'", 1, 6),
        ("a: '\u{2029}'", 1, 5), ("a: b\n# \u{FEFF}", 2, 3), ("a: \u{FFFF}", 1, 4),
        ("a: [1, 2", 2, 1), ("a: 'b", 1, 6), ("a: b: c", 1, 5), ("a:\n\t- b", 2, 1), ("a: @b", 1, 4), ("a: `b", 1, 4),
        ("a: ]", 1, 4),
        ("- a\nb: c", 2, 1), ("a: \"\\q\"", 1, 5), ("a: %b", 1, 4), ("a: b\n c: d", 2, 3),
    ])
    func refusesTheRestWithItsPlace(_ text: String, _ line: Int, _ column: Int) throws {
        let error = try #require(throws: YAMLError.self) { try read(text) }
        #expect(error.line == line, "\(error)")
        #expect(error.column == column, "\(error)")
        #expect(!error.message.isEmpty)
    }

    @Test(
        arguments: [
            [0xFF, 0xFE, 0x61, 0], [0xFE, 0xFF, 0, 0x61], [0x61, 0x3A, 0x20, 0xFF], [0xC3], [0x61, 0, 0x3A, 0],
        ] as [[UInt8]])
    func refusesWhatIsNotUTF8(_ bytes: [UInt8]) {
        #expect(throws: YAMLError.self) { try JSONValue(parsingYAML: bytes) }
    }

    @Test func nestsToTheLimitAndNoDeeper() throws {
        for (open, close) in [("[", "]"), ("{a: ", "}"), ("- ", ""), ("? ", "")] {
            let isKey = open == "? "
            let limit = isKey ? 1 : JSONLimits.request.depth
            let inside = open == "- " ? "[]" : "1"
            let depth = open == "- " ? limit - 1 : limit
            let good =
                String(repeating: open, count: depth) + (isKey ? "a" : inside) + String(repeating: close, count: depth)
            _ = try read(good)
            let bad = String(repeating: open, count: depth + 1) + inside + String(repeating: close, count: depth + 1)
            #expect(throws: YAMLError.self) { try read(bad) }
        }
    }

    @Test(arguments: ["[", "{a: ", "- ", "? ", "[[", "{? ", "a:\n ", "[a, "])
    func aHundredThousandLevelsAreRefused(_ open: String) {
        #expect(throws: YAMLError.self) { try read(String(repeating: open, count: 100_000)) }
    }

    @Test func countsValues() throws {
        _ = try read("[" + Array(repeating: "1", count: 9_999).joined(separator: ",") + "]")
        let error = try #require(throws: YAMLError.self) {
            try read("[" + Array(repeating: "1", count: 10_000).joined(separator: ",") + "]")
        }
        #expect(error.message.contains("10000"))
    }

    @Test func aHundredComponentsWithManyKeysFit() throws {
        let keys = (0..<40).map { "      key\($0): value \($0)\n" }.joined()
        let text =
            "components:\n"
            + (0..<100).map { "  web-\($0):\n    build:\n      repository: https://example.org/a\n\(keys)    run: x\n" }
            .joined()
        #expect(text.utf8.count < 262_144)
        let value = try read(text)
        #expect(value["components"]?.objectValue?.count == 100)
        #expect(try JSONValue(parsing: value.serialized()) == value)
    }

    @Test(arguments: ["", "a: 1\n...\n"])
    func manyTagDirectivesAreRefusedBeforeTheParserComparesThem(_ before: String) throws {
        let directives = (0..<100).map { "%TAG !a\($0)! tag:x\n" }.joined()
        let error = try #require(throws: YAMLError.self) { try read(before + directives + "---\na: 1") }
        #expect(error.line == (before.isEmpty ? 17 : 19))
    }

    @Test func aliasBombIsRefusedAtItsFirstAnchor() throws {
        let bomb =
            "a: &a [x,x,x,x,x,x,x,x,x]\n" + (0..<9).map { "b\($0): &b\($0) [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n" }.joined()
        let error = try #require(throws: YAMLError.self) { try read(bomb) }
        #expect(error.line == 1)
    }

    @Test func anyTextIsAValueOrAnError() {
        let seed = UInt64.random(in: .min ... .max)
        var random = SeededRandom(seed: seed)
        let pieces = [
            "a", "b", ": ", ":", "- ", "-", "\n", "\n  ", "\n ", " ", "[", "]", "{", "}", ", ", "'", "\"", "|", ">",
            "#", " #", "&x", "*x",
            "!", "!!str ", "? ", "%", "---", "...", "\t", "0", "1", "\\", "\\n", "~", "é", "\r", "@", "`",
        ]
        var accepted = 0
        for _ in 0..<10_000 {
            let text = (0..<Int.random(in: 1...14, using: &random)).map { _ in
                pieces[Int.random(in: 0..<pieces.count, using: &random)]
            }.joined()
            guard let value = try? read(text) else { continue }
            accepted += 1
            #expect((try? JSONValue(parsingYAML: value.serializedAsYAML())) == value, "seed \(seed): \(text)")
        }
        #expect(accepted > 100, "seed \(seed)")
    }
}
