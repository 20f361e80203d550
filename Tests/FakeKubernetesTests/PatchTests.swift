import Testing

@testable import FakeKubernetes

@Suite("Patches")
struct PatchTests {
    // MARK: JSON patch

    @Test(arguments: [
        (#"{"a":1}"#, #"[{"op":"add","path":"/b","value":2}]"#, #"{"a":1,"b":2}"#),
        (#"{"spec":{"a":1}}"#, #"[{"op":"add","path":"/spec","value":{"b":null}}]"#, #"{"spec":{"b":null}}"#),
        (#"{"a":[1,3]}"#, #"[{"op":"add","path":"/a/1","value":2}]"#, #"{"a":[1,2,3]}"#),
        (#"{"a":[1]}"#, #"[{"op":"add","path":"/a/-","value":2}]"#, #"{"a":[1,2]}"#),
        (#"{"a":[1]}"#, #"[{"op":"add","path":"/a/1","value":2}]"#, #"{"a":[1,2]}"#),
        (#"{"a":{"b":1,"c":2}}"#, #"[{"op":"remove","path":"/a/b"}]"#, #"{"a":{"c":2}}"#),
        (#"{"a":[1,2,3]}"#, #"[{"op":"remove","path":"/a/1"}]"#, #"{"a":[1,3]}"#),
        (#"{"a":[1,2,3]}"#, #"[{"op":"remove","path":"/a/-1"}]"#, #"{"a":[1,2]}"#),
        (#"{"a":[{"b":1}]}"#, #"[{"op":"replace","path":"/a/0/b","value":"x"}]"#, #"{"a":[{"b":"x"}]}"#),
        (#"{"a":null}"#, #"[{"op":"replace","path":"/a","value":1}]"#, #"{"a":1}"#),
        (#"{"a":1}"#, #"[{"op":"move","from":"/a","path":"/b"}]"#, #"{"b":1}"#),
        (#"{"a":{"x":1}}"#, #"[{"op":"copy","from":"/a","path":"/b"}]"#, #"{"a":{"x":1},"b":{"x":1}}"#),
        (#"{"a/b":1,"c~d":2}"#, #"[{"op":"remove","path":"/a~1b"},{"op":"remove","path":"/c~0d"}]"#, "{}"),
        (#"{"~1":1}"#, #"[{"op":"remove","path":"/~01"}]"#, "{}"),
        (#"{"":1}"#, #"[{"op":"replace","path":"/","value":2}]"#, #"{"":2}"#),
        (#"{"a":1.0}"#, #"[{"op":"test","path":"/a","value":1}]"#, #"{"a":1}"#),
        (#"{"a":1}"#, #"[{"op":"test","path":"/b","value":null}]"#, #"{"a":1}"#),
        (#"{"a":1}"#, "[]", #"{"a":1}"#),
    ])
    func applies(document: String, patch: String, result: String) throws {
        let patch = try JSONPatch(Value(parsing: Array(patch.utf8)))
        #expect(try patch.applied(to: Value(parsing: Array(document.utf8))).text == result)
    }

    @Test(arguments: [
        #"[{"op":"test","path":"/a","value":2}]"#,
        #"[{"op":"test","path":"/b/c","value":1}]"#,
        #"[{"op":"remove","path":"/b"}]"#,
        #"[{"op":"replace","path":"/b","value":1}]"#,
        #"[{"op":"add","path":"/b/c","value":1}]"#,
        #"[{"op":"add","path":"/l/3","value":1}]"#,
        #"[{"op":"remove","path":"/l/1"}]"#,
        #"[{"op":"add","path":"/l/x","value":1}]"#,
        #"[{"op":"remove","path":""}]"#,
        #"[{"op":"add","path":"b","value":1}]"#,
        #"[{"op":"copy","from":"/b","path":"/c"}]"#,
        #"[{"op":"move","from":"/l","path":"/l/0"}]"#,
        #"[{"op":"move","path":"/c"}]"#,
        #"[{"op":"frob","path":"/a"}]"#,
        #"[{"path":"/a"}]"#,
        #"[{"op":"add","path":"/b","value":1},{"op":"test","path":"/a","value":9}]"#,
    ])
    func doesNotFit(patch: String) throws {
        let patch = try JSONPatch(Value(parsing: Array(patch.utf8)))
        #expect(throws: PatchError.inapplicable) { try patch.applied(to: ["a": 1, "l": [0]]) }
    }

    @Test func refusesWhatIsNoPatch() {
        #expect(throws: PatchError.malformed("json: cannot unmarshal object into Go value of type jsonpatch.Patch")) {
            try JSONPatch(["op": "add"])
        }
        #expect(throws: PatchError.malformed("json: cannot unmarshal string into Go value of type jsonpatch.Operation"))
        {
            try JSONPatch(["add"])
        }
        #expect(throws: PatchError.tooLarge("The allowed maximum operations in a JSON patch is 10000, got 10001")) {
            try JSONPatch(.array(Array(repeating: ["op": "test", "path": ""], count: 10_001)))
        }
    }

    @Test func replacesTheSpecAsRecorded() throws {
        let exchanges = try RecordedExchange.all(of: "objects")
        let index = try #require(exchanges.firstIndex { $0.name == "JSON patch: replace the whole spec" })
        let before = try #require(exchanges[..<index].last { $0.status == 200 && $0.body["kind"] == "ToolConfig" })
        let patched = try JSONPatch(exchanges[index].sent).applied(to: before.body)
        #expect(patched["spec"] == exchanges[index].body["spec"])
    }

    // MARK: Merge patch

    /// The examples of RFC 7396 whose patch is an object.
    @Test(arguments: [
        (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
        (#"{"a":"b"}"#, #"{"b":"c"}"#, #"{"a":"b","b":"c"}"#),
        (#"{"a":"b"}"#, #"{"a":null}"#, "{}"),
        (#"{"a":"b","b":"c"}"#, #"{"a":null}"#, #"{"b":"c"}"#),
        (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
        (#"{"a":"c"}"#, #"{"a":["b"]}"#, #"{"a":["b"]}"#),
        (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#),
        (#"{"a":[{"b":"c"}]}"#, #"{"a":[1]}"#, #"{"a":[1]}"#),
        (#"{"e":null}"#, #"{"a":1}"#, #"{"a":1,"e":null}"#),
        ("[1,2]", #"{"a":"b","c":null}"#, #"{"a":"b"}"#),
        ("{}", #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#),
        ("{}", #"{"a":[null]}"#, #"{"a":[null]}"#),
    ])
    func merges(document: String, patch: String, result: String) throws {
        let patch = try MergePatch(Value(parsing: Array(patch.utf8)))
        #expect(patch.applied(to: try Value(parsing: Array(document.utf8))).text == result)
    }

    @Test func refusesAMergePatchThatIsNoObject() {
        #expect(throws: PatchError.malformed("Invalid JSON Patch")) { try MergePatch([1]) }
    }

    @Test func mergesAsRecorded() throws {
        let exchanges = try RecordedExchange.all(of: "objects")
        let index = try #require(exchanges.firstIndex { $0.name == "merge patch; null removes" })
        let before = try #require(exchanges[..<index].last { $0.status == 200 && $0.body["kind"] == "ToolConfig" })
        let patched = try MergePatch(exchanges[index].sent).applied(to: before.body)
        #expect(patched["spec"] == exchanges[index].body["spec"])
    }
}
