import Foundation
import Testing

@testable import Components

struct TokenKeysTests {
    private static let first = Data(0..<32).base64EncodedString()
    private static let second = Data(32..<72).base64EncodedString()
    private static let token = DeployToken(
        keyID: "2026-11", nonce: "0123456789abcdef0123456789abcdef",
        createdAt: Date(microsecondsSince1970: 1_795_332_791_014_828),
        expiresAt: Date(microsecondsSince1970: 1_826_868_791_014_828))

    @Test func theFirstKeyMakesNewTokensAndTheOthersStayKnown() throws {
        let keys = try TokenKeys(parsing: "# made by hand\n\n2026-11 \(Self.second)\r\nold\t\(Self.first)\n")
        #expect(keys.ids == ["2026-11", "old"])
        #expect(!keys.isEmpty)
        #expect(TokenKeys.none.isEmpty)
    }

    @Test(arguments: [
        ("", 1, "at least one key"), ("# nothing\n", 1, "at least one key"), ("a", 1, "two words"),
        ("\na b c", 2, "two words"), ("-a \(first)", 1, "letters"), ("ä \(first)", 1, "letters"),
        ("\(String(repeating: "a", count: 41)) \(first)", 1, "at most 40"),
        ("a \(first)\na \(second)", 2, "earlier line"),
        ("a c2hvcnQ=", 1, "at least 32 bytes"), ("a !!!", 1, "base64"),
    ])
    func aFileThatIsNotOneOfKeysIsRefusedByLine(_ text: String, _ line: Int, _ words: String) throws {
        let error = try #require(throws: TokenKeysError.self) { try TokenKeys(parsing: text) }
        #expect(error.line == line)
        #expect(words == "at most 40" ? error.reason.contains("40") : error.reason.contains(words))
        #expect(!error.description.contains(Self.first))
    }

    @Test func aTokenIsAFunctionOfItsFactsAndItsKey() throws {
        let keys = try TokenKeys(parsing: "2026-11 \(Self.first)\nold \(Self.second)\n")
        let demo = try #require(ToolName("demo"))
        let text = try #require(keys.text(of: Self.token, for: demo)?.uuid)
        // Computed with Python's hmac over the same bytes: whoever changes the derivation takes every tool's token away.
        #expect(text == "02ba0509-3321-4c93-8151-e2ea35c42985")
        #expect(keys.text(of: Self.token, for: demo)?.uuid == text)
        var others: [TokenText?] = [keys.text(of: Self.token, for: try #require(ToolName("demo2")))]
        for change: (inout DeployToken) -> Void in [
            { $0.keyID = "old" }, { $0.nonce = "0123456789abcdef0123456789abcdee" },
            { $0.createdAt = Date(microsecondsSince1970: 1_795_332_791_014_829) },
        ] {
            var token = Self.token
            change(&token)
            others.append(keys.text(of: token, for: demo))
        }
        #expect(Set(others.compactMap { $0?.uuid } + [text]).count == 5)
        var unknown = Self.token
        unknown.keyID = "gone"
        #expect(keys.text(of: unknown, for: demo) == nil)
    }

    @Test(arguments: [
        "", "x", "02ba050933214c938151e2ea35c42985", "{02ba0509-3321-4c93-8151-e2ea35c42985}",
        "02ba0509-3321-4c93-8151-e2ea35c4298", "02ba0509-3321-4c93-8151-e2ea35c42985 ",
        "g2ba0509-3321-4c93-8151-e2ea35c42985",
        "02ba0509_3321_4c93_8151_e2ea35c42985",
    ])
    func onlyAUUIDCanBeAToken(_ text: String) {
        #expect(TokenText(text) == nil)
    }

    @Test func everyBitOfATokenCounts() throws {
        let text = "02ba0509-3321-4c93-8151-e2ea35c42985"
        let token = try #require(TokenText(text))
        #expect(token.uuid == text)
        #expect(token.isSame(as: try #require(TokenText(text.uppercased()))))
        for (index, character) in text.enumerated() where character != "-" {
            var other = Array(text)
            other[index] = character == "0" ? "1" : "0"
            #expect(!token.isSame(as: try #require(TokenText(String(other)))))
        }
    }
}
