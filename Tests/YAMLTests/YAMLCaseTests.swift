import JSON
import Testing

@testable import YAML

/// Where readers of YAML disagree, and what this one does: each case has a name, a text, and what becomes of it.
struct YAMLCaseTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var text: String
        var outcome: Outcome
        var testDescription: String { name }

        init(_ name: String, _ text: String, is json: String) {
            (self.name, self.text, outcome) = (name, text, .value(json))
        }

        init(_ name: String, _ text: String, refused message: String) {
            (self.name, self.text, outcome) = (name, text, .refusal(message))
        }
    }

    enum Outcome: Sendable {
        /// Read as this JSON.
        case value(String)
        /// Refused, in words that begin so.
        case refusal(String)
    }

    static let cases: [Case] = [
        Case("anchor_on_scalar", "a: &x 1", refused: "anchors are not read"),
        Case("anchor_on_mapping", "a: &x {b: 1}", refused: "anchors are not read"),
        Case("anchor_on_sequence", "&x [1]", refused: "anchors are not read"),
        Case("anchor_on_key", "&x a: 1", refused: "anchors are not read"),
        Case("anchor_on_nothing", "a: &x", refused: "anchors are not read"),
        Case("alias_as_value", "a: *x", refused: "aliases are not read"),
        Case("alias_as_key", "*x : 1", refused: "aliases are not read"),
        Case("alias_in_sequence", "[*x]", refused: "aliases are not read"),
        Case("alias_of_itself", "&x [*x]", refused: "anchors are not read"),
        Case("ampersand_in_word", "a: b&c", is: #"{"a":"b&c"}"#),
        Case("star_in_word", "a: b*c", is: #"{"a":"b*c"}"#),
        Case("tag_string", "a: !!str 1", refused: "tags are not read"),
        Case("tag_integer", "a: !!int '1'", refused: "tags are not read"),
        Case("tag_binary", "a: !!binary aGk=", refused: "tags are not read"),
        Case("tag_own", "a: !thing 1", refused: "tags are not read"),
        Case("tag_of_a_language", "!!python/object/apply:os.system ['id']", refused: "tags are not read"),
        Case("tag_non_specific", "a: ! b", refused: "tags are not read"),
        Case("tag_verbatim", "!<tag:x> a", refused: "tags are not read"),
        Case("tag_on_key", "!!str a: 1", refused: "tags are not read"),
        Case("tag_directive", "%TAG ! tag:x,2000:\n---\na: 1", refused: "tags are not read"),
        Case("exclamation_in_word", "a: b!c", is: #"{"a":"b!c"}"#),
        Case("document_mark", "---\na: 1", is: #"{"a":1}"#),
        Case("document_end", "a: 1\n...", is: #"{"a":1}"#),
        Case("document_second", "a: 1\n---\nb: 2", refused: "a second document begins here"),
        Case("document_second_empty", "a: 1\n---\n", refused: "a second document begins here"),
        Case("document_second_behind_end", "a: 1\n...\n---\nb: 2", refused: "a second document begins here"),
        Case("document_empty", "", refused: "the document is empty"),
        Case("document_of_comments", "# a\n# b\n", refused: "the document is empty"),
        Case("document_null", "null", is: "null"),
        Case("version_1_2", "%YAML 1.2\n---\na: no", is: #"{"a":"no"}"#),
        Case("version_1_1", "%YAML 1.1\n---\na: no", refused: "this is read as YAML 1.2"),
        Case("merge_key", "<<: {a: 1}", refused: "merge keys are not part of YAML 1.2"),
        Case("merge_key_nested", "a: {<<: {b: 1}}", refused: "merge keys are not part of YAML 1.2"),
        Case("merge_key_in_quotes", "'<<': {a: 1}", is: #"{"<<":{"a":1}}"#),
        Case("merge_value", "a: <<", is: #"{"a":"<<"}"#),
        Case("norway_no", "country: no", is: #"{"country":"no"}"#),
        Case("norway_upper_case", "country: NO", is: #"{"country":"NO"}"#),
        Case("yes_on_off_y_n", "[yes, on, off, y, n]", is: #"["yes","on","off","y","n"]"#),
        Case("bool_of_the_core_schema", "[true, True, TRUE, false]", is: "[true,true,true,false]"),
        Case("bool_of_no_schema", "[tRUE, fALSE]", is: #"["tRUE","fALSE"]"#),
        Case("null_of_the_core_schema", "[~, null, Null, NULL,]", is: "[null,null,null,null]"),
        Case("null_of_no_schema", "[nil, none, nULL]", is: #"["nil","none","nULL"]"#),
        Case("octal_of_1_1_is_decimal", "mode: 0644", is: #"{"mode":644}"#),
        Case("octal_of_1_2", "mode: 0o644", is: #"{"mode":420}"#),
        Case("octal_of_no_digit", "mode: 0o8", is: #"{"mode":"0o8"}"#),
        Case("hexadecimal", "a: 0xFF", is: #"{"a":255}"#),
        Case("binary_of_1_1_is_a_string", "a: 0b11", is: #"{"a":"0b11"}"#),
        Case("underscores_of_1_1_are_a_string", "a: 1_000", is: #"{"a":"1_000"}"#),
        Case("sexagesimal_of_1_1_is_a_string", "port: 22:22", is: #"{"port":"22:22"}"#),
        Case("date_is_a_string", "a: 2024-04-04", is: #"{"a":"2024-04-04"}"#),
        Case("version_number_is_a_number", "python: 3.10", is: #"{"python":3.1}"#),
        Case("version_number_in_quotes", "python: '3.10'", is: #"{"python":"3.10"}"#),
        Case("infinite", "a: .inf", refused: "JSON has no infinity"),
        Case("not_a_number", "a: .nan", refused: "JSON has no infinity"),
        Case("number_too_large", "a: 18446744073709551616", refused: "the number 18446744073709551616 cannot be"),
        Case("number_in_hexadecimal_too_large", "a: 0xFFFFFFFFFFFFFFFFF", refused: "the number 0xFFFFFFFFFFFFFFFFF"),
        Case("hash_that_looks_like_a_number", "a: 0xFFFFFFFFFFFFFFFFFG", is: #"{"a":"0xFFFFFFFFFFFFFFFFFG"}"#),
        Case("commit_that_looks_like_a_number", "ref: 1e400", refused: "the number 1e400 cannot be stored exactly"),
        Case("key_twice", "a: 1\na: 1", refused: #"the key "a" is a duplicate"#),
        Case("key_twice_in_other_quotes", "a: 1\n\"\\x61\": 2", refused: #"the key "a" is a duplicate"#),
        Case("key_twice_in_flow", "{a: 1, a: 2}", refused: #"the key "a" is a duplicate"#),
        Case("keys_that_differ_in_case", "a: 1\nA: 2", is: #"{"a":1,"A":2}"#),
        Case("key_number", "1: a", refused: "a key must be a string"),
        Case("key_bool", "true: a", refused: "a key must be a string"),
        Case("key_null", "~: a", refused: "a key must be a string"),
        Case("key_yes_is_a_string", "on: push", is: #"{"on":"push"}"#),
        Case("key_list", "? [a]\n: b", refused: "a key must be a string, not a list"),
        Case("key_mapping", "{{a: 1}: b}", refused: "a key must be a string, not a list"),
        Case("set", "? a\n? b", is: #"{"a":null,"b":null}"#),
        Case("pair_in_sequence", "[a: 1]", is: #"[{"a":1}]"#),
        Case("tab_as_indentation", "a:\n\tb: 1", refused: "a tab cannot indent a line"),
        Case("tab_before_value", "a:\n  - b:\n    \tc: 1", refused: "a tab cannot indent a line"),
        Case("tab_in_block", "a: |\n\n \t\n\tb", refused: "a tab cannot indent a line"),
        Case("at_sign", "schedule: @daily", refused: "a value cannot begin with '@': put it in quotes"),
        Case("at_sign_behind_breaks", "a: é\r\nb: 1\rc: \"é\"\r\nd: @daily", refused: "a value cannot begin with '@'"),
        Case("backtick", "a: `b`", refused: "a value cannot begin with '`': put it in quotes"),
        Case("percent", "a: %b", refused: "a value cannot begin with '%': put it in quotes"),
        Case("percent_in_first_column", "%b", refused: "'%' at the start of a line begins a directive"),
        Case(
            "asterisk", "schedule: */5 * * * *",
            refused: "'*' begins an alias: put a value that begins with '*' in quotes"),
        Case("asterisks", "a: **b**", refused: "'*' begins an alias"),
        Case("ampersand", "a: && b", refused: "'&' begins an anchor"),
        Case("exclamation_mark", "a: !<", refused: "'!' begins a tag"),
        Case("exclamation_mark_in_text", "a: !b!c", refused: "'!' begins a tag"),
        Case("colon_in_value", "command: echo a: b", refused: "a second ':' in one line, or a line indented too far"),
        Case(
            "line_without_colon", "components:\n  web\n  api: 1",
            refused: "a second ':' in one line, or a line indented too far"),
        Case("line_without_colon_at_end", "a: 1\nb", refused: "a line without ':'"),
        Case("text_behind_quotes", "a: 'b' c", refused: "a key is expected here"),
        Case("list_in_line", "a: - b", refused: "a list cannot begin here"),
        Case("bracket_not_closed", "a: [b", refused: "did not find expected ',' or ']'"),
        Case("nested_too_deep", String(repeating: "[", count: 65), refused: "nested deeper than 64 levels"),
        Case("byte_order_mark", "\u{FEFF}a: 1", refused: "a byte order mark is not allowed"),
        Case("line_separator", "a: 'b\u{2028}c'", refused: "a control character or a line separator"),
        Case("next_line", "a: 'b\u{85}c'", refused: "a control character or a line separator"),
    ]

    @Test(arguments: cases)
    func becomesWhatIsWrittenHere(_ yaml: Case) throws {
        let text = Array(yaml.text.utf8)
        switch yaml.outcome {
        case .value(let json):
            #expect(try JSONValue(parsingYAML: text) == JSONValue(parsing: Array(json.utf8)))
        case .refusal(let message):
            let error = try #require(throws: YAMLError.self) { try JSONValue(parsingYAML: text) }
            #expect(error.message.hasPrefix(message), "\(error)")
        }
    }
}
