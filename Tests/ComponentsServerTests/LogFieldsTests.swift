import Logging
import Testing

@testable import ComponentsServer

struct LogFieldsTests {
    @Test func namesAreSortedAndTheFirstOfEachStays() {
        var fields = LogFields()
        fields.add("tool", "demo")
        fields.add(["build": "b-1", "tool": "other", "status": "200"])
        fields.add(["status": "500", "a": .array(["1", "2"])])
        #expect(fields.members.map(\.key) == ["a", "build", "status", "tool"])
        #expect(fields.members.map(\.value) == [#"["1", "2"]"#, "b-1", "200", "demo"])
    }

    @Test(arguments: ["time", "level", "message", "logger"])
    func theLinesOwnNamesAreNoFields(_ name: String) {
        var fields = LogFields()
        fields.add(name, "forged")
        fields.add([name: "forged"])
        #expect(fields.members.isEmpty)
    }

    private func made(_ value: String) -> String {
        Issue.record("made")
        return value
    }

    @Test func aValueThatIsNotTakenIsNotMade() {
        var fields = LogFields()
        fields.add("error", "first")
        fields.add("error", made("second"))
        #expect(fields.members.map(\.value) == ["first"])
    }
}
