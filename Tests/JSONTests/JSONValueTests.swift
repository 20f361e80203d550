import JSON
import Testing

struct JSONValueTests {
    @Test func stringsAreComparedByTheirBytes() {
        #expect(JSONValue.string("é") != .string("e\u{301}"))
        #expect(JSONValue.string("é") == .string("\u{E9}"))
        #expect(!"é".hasSameBytes(as: "e\u{301}"))
        #expect("K" == "\u{212A}")
        #expect(!"K".hasSameBytes(as: "\u{212A}"))
    }

    @Test func objectsAreComparedWithoutOrder() {
        #expect(["a": 1, "b": 2] as JSONValue == ["b": 2, "a": 1])
        #expect(["a": 1, "b": 2] as JSONValue != ["a": 2, "b": 1])
        #expect(["a": 1] as JSONValue != ["a": 1, "b": nil])
        #expect([1, 2] as JSONValue != [2, 1])
        #expect(JSONValue.object(["é": 1]) != .object(["e\u{301}": 1]))
    }

    @Test func kindsAreNotEqual() {
        let kinds: [JSONValue] = [nil, false, 0, "", [], [:], "null", "0", "false"]
        for (index, left) in kinds.enumerated() {
            for (other, right) in kinds.enumerated() { #expect((left == right) == (index == other)) }
        }
    }

    @Test func accessorsGiveOnlyTheirKind() throws {
        let fraction = try #require(JSONNumber("1.5"))
        let value: JSONValue = ["s": "x", "b": true, "i": 7, "f": .number(fraction), "a": [1], "o": ["p": nil]]
        #expect(value["s"]?.stringValue == "x")
        #expect(value["b"]?.boolValue == true)
        #expect(value["i"]?.intValue == 7)
        #expect(value["f"]?.intValue == nil)
        #expect(value["a"]?.arrayValue == [1])
        #expect(value["o"]?["p"] == .null)
        #expect(value["o"]?["q"] == nil)
        #expect(value["s"]?["x"] == nil)
        #expect(value["s"]?.boolValue == nil)
        #expect(value["a"]?.objectValue == nil)
        #expect(value["s"]?.intValue == nil)
        #expect(value["s"]?.arrayValue == nil)
        #expect(JSONValue.null.stringValue == nil)
    }

    @Test(
        arguments: [
            (nil, "null"), (true, "a boolean"), (1, "a number"), ("x", "a string"), ([], "a list"), ([:], "a mapping"),
        ] as [(JSONValue, String)])
    func kindsHaveWordsForMessages(_ value: JSONValue, _ words: String) {
        #expect(value.kindDescription == words)
    }

    @Test func objectsKeepTheOrderInWhichNamesCame() {
        var object: JSONObject = ["z": 1, "a": 2]
        object["m"] = 3
        object["z"] = 4
        #expect(object.keys == ["z", "a", "m"])
        #expect(object["z"] == 4)
        object["a"] = nil
        #expect(object.keys == ["z", "m"])
        object["absent"] = nil
        #expect(object.count == 2)
        #expect(object.sortedByKey().map(\.key) == ["m", "z"])
        #expect(JSONObject([("a", 1), ("b", 2), ("a", 3)] as [(String, JSONValue)]) == ["a": 3, "b": 2])
        #expect(JSONObject().isEmpty)
    }

    @Test func namesAreSortedByTheirBytes() {
        let object: JSONObject = ["é": 1, "z": 2, "Z": 3, "e\u{301}": 4, "": 5]
        #expect(
            object.sortedByKey().map { Array($0.key.utf8) } == ["", "Z", "e\u{301}", "z", "é"].map { Array($0.utf8) })
    }

    @Test func uniqueNamesAreUniqueByTheirBytes() {
        var names = UniqueNames()
        for index in 0..<100 {
            let isNew = names.insert("n\(index)")
            #expect(isNew)
        }
        let results = [
            names.insert("é"), names.insert("e\u{301}"), names.insert("é"), names.insert("n5"), names.insert(""),
        ]
        #expect(results == [true, true, false, false, true])
    }
}
