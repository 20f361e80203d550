import Testing

@testable import FakeKubernetes

@Suite("Selectors")
struct SelectorsTests {
    static let labels: Members = ["user": "demo", "odd": "1", "empty": "", "example.org/x": "y", "n": "7"]

    @Test(arguments: [
        ("", true), ("user=demo", true), ("user==demo", true), ("user = demo", true), ("user=other", false),
        ("user!=demo", false), ("user!=other", true), ("missing!=x", true), ("missing=", false), ("empty=", true),
        ("user", true), ("missing", false), ("!user", false), ("!missing", true), ("! missing", true),
        ("user in (demo,other)", true), ("user in(demo)", true), ("user in (other)", false),
        ("user notin (other)", true), ("user notin (demo)", false), ("missing notin (a)", true),
        ("empty in (,a)", true), ("empty in (a,)", true), ("odd in (0,1),missing", false),
        ("odd=1,user=demo,!missing", true), ("odd=1,user=x", false), ("example.org/x=y", true),
        ("n>6", true), ("n<7", false), ("user>1", false), ("in=demo", false), ("in", false),
        ("user in (in,demo)", true),
    ])
    func selectsByLabels(selector: String, matches: Bool) throws {
        #expect(try LabelSelector(parsing: selector).matches(Self.labels) == matches)
    }

    @Test func selectsWhatHasNoLabels() throws {
        #expect(try LabelSelector(parsing: "!a").matches(nil))
        #expect(try !LabelSelector(parsing: "a").matches(nil))
    }

    @Test(arguments: [
        ("==", "found '==', expected: !, identifier, or 'end of string'"),
        ("a=1,", "found '', expected: identifier after ','"),
        ("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
        ("a=1 b", "found 'b', expected: ',' or 'end of string'"),
        ("a in b", "unable to parse requirement: found 'b' expected: '('"),
        ("a in (b c)", "unable to parse requirement: found 'c', expected: ',' or ')'"),
        ("a=(", "unable to parse requirement: found '(', expected: identifier"),
        ("!=a", "found '!=', expected: !, identifier, or 'end of string'"),
        ("!a=b", "found '=', expected: ',' or 'end of string'"),
    ])
    func refusesLabelSelectors(selector: String, message: String) {
        #expect(throws: SelectorError(message: message)) { try LabelSelector(parsing: selector) }
    }

    @Test(arguments: ["a=b/c", "-a", "a in ()", "a=\(String(repeating: "x", count: 64))", "/a", "a/b/c", "A.B/c"])
    func refusesKeysAndValuesThatAreNoLabels(selector: String) {
        #expect(throws: SelectorError.self) { try LabelSelector(parsing: selector) }
    }

    @Test(arguments: [
        ("", true), ("metadata.name=l3", true), ("metadata.name==l3", true), ("metadata.name!=l3", false),
        ("metadata.name=x", false), ("metadata.namespace=tool-demo,metadata.name=l3", true),
        ("metadata.name=a\\,b", false),
    ])
    func selectsByFields(selector: String, matches: Bool) throws {
        let object: Value = ["metadata": ["name": "l3", "namespace": "tool-demo"]]
        #expect(try FieldSelector(parsing: selector).matches(object) == matches)
    }

    @Test func refusesFieldSelectors() {
        #expect(throws: SelectorError(message: "invalid selector: 'metadata.name'; can't understand 'metadata.name'")) {
            try FieldSelector(parsing: "metadata.name")
        }
    }

    @Test func refusesAsRecorded() throws {
        let label = try RecordedExchange.named("a bad selector", in: "lists")
        let field = try RecordedExchange.named("by a field that cannot be selected", in: "lists")
        let labelMessage = try #require(label.body["message"]?.string)
        let fieldMessage = try #require(field.body["message"]?.string)
        #expect(throws: SelectorError(message: labelMessage)) { try LabelSelector(parsing: "==") }
        #expect(throws: SelectorError(message: fieldMessage)) { try FieldSelector(parsing: "spec.x=1") }
    }

    @Test func selectsWhatTheServerSelected() throws {
        let all = try #require(try RecordedExchange.named("all", in: "lists").body["items"]?.array)
        for (name, selector) in [("by label", "odd=1"), ("by set of labels", "odd in (0,1),missing")] {
            let selected = try #require(try RecordedExchange.named(name, in: "lists").body["items"]?.array)
            let mine = try all.filter {
                try LabelSelector(parsing: selector).matches($0.at("metadata", "labels")?.object)
            }
            #expect(mine == selected)
        }
        let byName = try #require(try RecordedExchange.named("by name", in: "lists").body["items"]?.array)
        #expect(try all.filter { try FieldSelector(parsing: "metadata.name=l3").matches($0) } == byName)
    }
}
