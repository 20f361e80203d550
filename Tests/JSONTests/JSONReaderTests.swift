import JSON
import TestSupport
import Testing

struct JSONReaderTests {
    private func read(_ text: String, limits: JSONLimits = .request) throws(JSONError) -> JSONValue {
        try JSONValue(parsing: Array(text.utf8), limits: limits)
    }

    @Test(arguments: [
        "null", "true", "false", "0", "-0", "0.5", "-1.5e+3", "1E5", "1e-5", "\"\"", "[]", "{}", " [ ] ", "\t{\r\n}\n",
        "[1,2]",
        "[ 1 , 2 ]", "{\"a\":1}", "{ \"a\" : 1 , \"b\" : { } }", "{\"\":0}", "[[[]]]", "\"a\"", "\"é\"", "\"😀\"",
        "\"\u{7F}\"", "\"\u{80}\"",
        "\"\u{2028}\u{2029}\"", "\"\u{FFFF}\"", #""\"\\\/\b\f\n\r\t""#, #""\u0000""#, #""\u00e9\u00E9""#,
        #""\uD83D\uDE00""#, #""\uDBFF\uDFFF""#,
        #""\uFFFE""#, #""\\u0041""#, "[\"a\",null,true,{}]", "{\"a\":1,\"A\":2}", "{\"é\":1,\"e\u{301}\":2}",
        "\"/*no comment*/\"", "123456789012345678",
    ])
    func readsWhatTheGrammarAllows(_ text: String) throws {
        let value = try read(text)
        #expect(try JSONValue(parsing: value.serialized()) == value)
        #expect(try JSONValue(parsing: value.serialized(.indented)) == value)
    }

    @Test(arguments: [
        // No value, or more than one.
        "", " ", "\n", "1 2", "[] []", "{}{}", "null,", "[1]]", "{\"a\":1}}", "\u{FEFF}1", "1\u{0}", "[1]\u{0}",
        "\u{A0}1", "\u{2028}1", "\u{B}1", "\u{C}1",
        // Words.
        "nul", "nulll", "Null", "NULL", "True", "tru", "fals", "undefined", "NaN", "-NaN", "Infinity", "-Infinity",
        "inf", "nan", "t", "n", "f",
        // Numbers.
        "-", "+1", "01", "-01", "00", "1.", ".5", "-.5", "1.e3", "1e", "1e+", "1E-", "1.5.2", "1e5.5", "0x1F", "0b1",
        "1_000", "1,5", "--1", "- 1", "1a", "1 .5",
        "１", "1e５", "0e", "-a",
        // Strings.
        "\"", "\"a", "'a'", "a", "\"\\\"", "\"\\", "\"\\a\"", "\"\\x41\"", "\"\\'\"", "\"\\U0041\"", "\"\\u\"",
        "\"\\u0\"", "\"\\u00\"", "\"\\u004\"",
        "\"\\u004g\"", "\"\\u-041\"", "\"\\u 041\"", "\"\\u004", "\"\\u００４１\"", "\"a\nb\"", "\"a\tb\"", "\"a\0b\"",
        "\"\u{1F}\"", "\"a\"b", "\"\\0\"",
        // Arrays.
        "[", "]", "[1", "[1,", "[1,]", "[,]", "[,1]", "[1,,2]", "[1 2]", "[1;2]", "[1}", "[\"a\"", "[\"a\" \"b\"]",
        "[:]", "[a]", "[1:2]", "[[]", "[]]", "[#]",
        // Objects.
        "{", "}", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{,}", "{,\"a\":1}", "{\"a\" 1}",
        "{\"a\"=1}", "{a:1}", "{'a':1}", "{1:1}", "{null:1}",
        "{\"a\":1 \"b\":2}", "{\"a\":1;\"b\":2}", "{\"a\",\"b\"}", "{\"a\"::1}", "{\"a\":}", "{:1}", "{[]:1}",
        "{\"a\":1]", "{\"a\":1,,\"b\":2}", "{{}:1}", "{\"a\"}",
        // Comments.
        "/**/1", "1/**/", "1//a", "[1,/*a*/2]", "#a\n1", "{\"a\":1}#",
    ])
    func refusesWhatItDoesNot(_ text: String) {
        #expect(throws: JSONError.self) { try read(text) }
    }

    @Test(
        arguments: [
            [0xEF, 0xBB, 0xBF, 0x31], [0xFF, 0xFE, 0x31, 0x00], [0x00, 0x31], [0x31, 0x00], [0x22, 0xFF, 0x22],
            [0x22, 0xC3, 0x22], [0x22, 0xC0, 0xAF, 0x22],
            [0x22, 0xE0, 0x80, 0xAF, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22],
            [0x22, 0xF8, 0x88, 0x80, 0x80, 0x80, 0x22],
            [0x22, 0x80, 0x22], [0x22, 0xE2, 0x82, 0x22], [0x22, 0xF0, 0x9F, 0x98], [0xE9], [0x5B, 0xFF, 0x5D],
        ] as [[UInt8]])
    func refusesWhatIsNotPlainUTF8(_ bytes: [UInt8]) throws {
        let error = try #require(throws: JSONError.self) { try JSONValue(parsing: bytes) }
        #expect(error.rule == .encoding || bytes.contains(0))
    }

    @Test(arguments: [
        #""\uD800""#, #""\uDC00""#, #""\uD800\uD800""#, #""\uD800a""#, #""\uD800\n""#, #""\uDC00\uD800""#,
        #""\uD83D\u0041""#, #""\uD83D"#,
    ])
    func refusesHalfSurrogatePairs(_ text: String) throws {
        #expect(try #require(throws: JSONError.self) { try read(text) }.rule == .encoding)
    }

    @Test(arguments: [
        #"{"a":1,"a":1}"#, #"{"a":1,"\u0061":2}"#, #"{"a":{"b":1,"b":2}}"#, #"[{"":1,"":2}]"#,
        "{\"\\u00e9\":1,\"é\":2}", #"{"\uD83D\uDE00":1,"😀":2}"#,
    ])
    func refusesNamesThatStandTwice(_ text: String) throws {
        #expect(try #require(throws: JSONError.self) { try read(text) }.rule == .duplicateKey)
    }

    @Test func refusesANameThatStandsTwiceAmongMany() throws {
        let members = (0..<2_000).map { "\"k\($0)\":0" }
        #expect(try read("{\(members.joined(separator: ","))}").objectValue?.count == 2_000)
        for repeated in [0, 7, 8, 9, 1_999] {
            let text = "{\((members + ["\"k\(repeated)\":0"]).joined(separator: ","))}"
            #expect(try #require(throws: JSONError.self) { try read(text) }.rule == .duplicateKey)
        }
    }

    @Test(arguments: [
        "1e400", "-1e400", "9223372036854775808", "-9223372036854775809", "18446744073709551615",
        "0.10000000000000000001", "1e-400", "123456789012345678901234567890",
    ])
    func refusesNumbersThatTheClusterWouldChange(_ number: String) throws {
        for text in [number, "[1,\(number)]", "{\"a\":\(number)}"] {
            #expect(try #require(throws: JSONError.self) { try read(text) }.rule == .number)
            guard case .success = Result(catching: { try read(text, limits: .trusted) }) else {
                Issue.record("\(text) is JSON all the same")
                continue
            }
        }
    }

    @Test func keepsOrderAndLiterals() throws {
        let text = #"{"z":1.0,"a":-0,"m":[1E22,9007199254740993,0.10]}"#
        #expect(try read(text).text() == text)
    }

    @Test func resolvesEscapes() throws {
        #expect(try read(#""\"\\\/\b\f\n\r\t\u0041\u00e9\uD83D\uDE00""#).stringValue == "\"\\/\u{8}\u{C}\n\r\tAé😀")
        #expect(try read(#""x\u0000y""#).stringValue == "x\0y")
        #expect(try read(#""a\nb\nc""#).stringValue == "a\nb\nc")
    }

    @Test(arguments: [
        ("", 1, 1, 0), ("\n\n x", 3, 2, 3), ("{\"é\": x}", 1, 7, 7), ("[1,\r\n 2,\r\n x]", 3, 2, 11),
        ("{\"a\": 1,\n \"a\": 2}", 2, 2, 10),
        ("[1", 1, 3, 2), ("\"abc", 1, 1, 0), ("[\"😀\", ?]", 1, 7, 9), ("\"a\\qb\"", 1, 3, 2), ("[1] 2", 1, 5, 4),
    ])
    func saysWhere(_ text: String, _ line: Int, _ column: Int, _ offset: Int) throws {
        let error = try #require(throws: JSONError.self) { try read(text) }
        #expect(error.line == line)
        #expect(error.column == column)
        #expect(error.offset == offset)
    }

    @Test(arguments: [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":", "}]")])
    func nestsToTheLimitAndNoDeeper(_ open: String, _ close: String) throws {
        let levels = open.contains("[{") ? 2 : 1
        let good = JSONLimits.request.depth / levels
        func nested(_ count: Int) -> String {
            String(repeating: open, count: count) + "1" + String(repeating: close, count: count)
        }
        _ = try read(nested(good))
        #expect(try #require(throws: JSONError.self) { try read(nested(good + 1)) }.rule == .limit)
        #expect(
            try #require(throws: JSONError.self) { try read(String(repeating: open, count: 100_000)) }.rule == .limit)
    }

    @Test func countsEveryValue() throws {
        let limits = JSONLimits(depth: 4, values: 5, refusesInexactNumbers: true)
        _ = try read("[1,2,3,4]", limits: limits)
        _ = try read(#"{"a":[1,2],"b":3}"#, limits: limits)
        #expect(try #require(throws: JSONError.self) { try read("[1,2,3,4,5]", limits: limits) }.rule == .limit)
        #expect(
            try #require(throws: JSONError.self) { try read(#"{"a":[1,2],"b":[3]}"#, limits: limits) }.rule == .limit)
    }

    @Test func anyBytesAreAValueOrAnError() {
        let seed = UInt64.random(in: .min ... .max)
        var random = SeededRandom(seed: seed)
        let alphabet = Array("[]{}:,\"\\u0019dDeE+-. \ntrufalsn/é".utf8) + [0x00, 0x1F, 0x7F, 0x80, 0xFF]
        var accepted = 0
        for _ in 0..<10_000 {
            let bytes = (0..<Int.random(in: 1...8, using: &random)).map { _ in
                alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
            }
            guard let value = try? JSONValue(parsing: bytes) else { continue }
            accepted += 1
            #expect((try? JSONValue(parsing: value.serialized())) == value, "seed \(seed): \(bytes)")
        }
        #expect(accepted > 0)
    }
}
