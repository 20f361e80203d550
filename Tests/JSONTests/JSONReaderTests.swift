import JSON
import TestSupport
import Testing

struct JSONReaderTests {
    private func read(_ text: String, limits: JSONLimits = .request) throws(JSONError) -> JSONValue {
        try JSONValue(parsing: Array(text.utf8), limits: limits)
    }

    @Test func refusesADuplicateKeyAmongMany() throws {
        let members = (0..<2_000).map { "\"k\($0)\":0" }
        #expect(try read("{\(members.joined(separator: ","))}").objectValue?.count == 2_000)
        for repeated in [0, 7, 8, 9, 1_999] {
            let text = "{\((members + ["\"k\(repeated)\":0"]).joined(separator: ","))}"
            #expect(try #require(throws: JSONError.self) { try read(text) }.rule == .duplicateKey)
        }
    }

    @Test(arguments: ["1e400", "9223372036854775808", "0.10000000000000000001"])
    func refusesNumbersThatTheClusterWouldChangeAnywhere(_ number: String) throws {
        for text in [number, "[1,\(number)]", "{\"a\":\(number)}"] {
            let error = try #require(throws: JSONError.self) { try read(text) }
            #expect(error.rule == .number)
            #expect(Array(text.utf8)[error.offset...].starts(with: number.utf8))
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
    func givesThePosition(_ text: String, _ line: Int, _ column: Int, _ offset: Int) throws {
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

    @Test(
        arguments: [
            ([0xEF, 0xBB, 0xBF, 0x7B, 0x7D], "byte order mark"), ([0xFF, 0xFE, 0x7B, 0x00], "UTF-16"),
            ([0xFE, 0xFF, 0x00, 0x7B], "UTF-16"), ([0x7B, 0x00, 0x7D, 0x00], "UTF-16"),
            ([0x00, 0x7B, 0x00, 0x7D], "UTF-16"),
            ([0x1F, 0x8B, 0x08, 0x00], "gzip"), ([0x22, 0xFF, 0x22], "not UTF-8"),
        ] as [([UInt8], String)])
    func saysWhichEncodingABodyHas(_ bytes: [UInt8], _ words: String) throws {
        let error = try #require(throws: JSONError.self) { try JSONValue(parsing: bytes) }
        #expect(error.rule == .encoding)
        #expect(error.message.contains(words))
    }

    @Test(arguments: [
        ("{'a': 1}", "in double quotes"), ("['a']", "JSON writes strings in double quotes"),
        ("{\"a\": 1,}", "no comma before '}'"),
        ("[1,]", "no comma before ']'"), ("// a\n1", "JSON has no comments"), ("[1, # one\n2]", "JSON has no comments"),
    ])
    func namesSyntaxThatJSONDoesNotHave(_ text: String, _ words: String) throws {
        #expect(try #require(throws: JSONError.self) { try read(text) }.message.contains(words))
    }

    @Test func everyInputIsAValueOrAnError() {
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
