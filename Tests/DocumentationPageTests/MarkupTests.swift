import JSON
import Testing

@testable import DocumentationPage

struct MarkupTests {
    @Test func textInMarkupIsEscapedAndMarkupInMarkupIsNot() {
        let text = "<a href=\"x\" title='y'>&amp;</a>"
        let html: HTML = "<p>\(text)</p>"
        #expect(
            html.markup
                == "<p>&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt;</p>")
        #expect(("<div>\(html)</div>" as HTML).markup == "<div>\(html.markup)</div>")
    }

    @Test func controlCharactersAreReplacedAndLineBreaksKept() {
        #expect(
            "a\u{0}b\u{1B}c\u{7F}d\u{85}e\tf\ng\r".escapedForHTML
                == "a\u{FFFD}b\u{FFFD}c\u{FFFD}d\u{FFFD}e\tf\ng\u{FFFD}")
        #expect("é 日本 😀".escapedForHTML == "é 日本 😀")
    }

    @Test(arguments: [
        ("a `b` c", "a <code>b</code> c"), ("`<`", "<code>&lt;</code>"), ("a ` b", "a ` b"),
        ("`a` ` b", "<code>a</code> ` b"),
        ("", ""), ("`", "`"),
    ])
    func codeOfProseStandsBetweenBackticks(_ prose: String, _ markup: String) {
        #expect(HTML(prose: prose).markup == markup)
    }

    @Test func shellWordsAreQuoted() {
        #expect("it's $HOME".quotedForShell == #"'it'\''s $HOME'"#)
    }

    @Test func keywordsWithoutWordsAreShownAsTheyStand() {
        let html = SchemaDescription(schema: ["type": "string", "pattern": "^<a>$", "x-odd": [1, true]]).html.markup
        #expect(html.contains("pattern <code>^&lt;a&gt;$</code>"))
        #expect(html.contains("x-odd <code>[1,true]</code>"))
    }

    @Test(
        arguments: [
            (["type": "string", "minLength": 1, "maxLength": 40], "string, 1 to 40 characters"),
            (["type": "array", "items": ["type": "string"], "maxItems": 0], "array of string, no elements"),
            (["type": "array", "minItems": 1], "array, at least 1 element"), (["minimum": 0], "any value, at least 0"),
            (["enum": ["a", "b"]], "one of <code>a</code>, <code>b</code>"), (["const": 1], "always <code>1</code>"),
            (true, "any value"), (false, "nothing"),
        ] as [(JSONValue, HTML)])
    func schemasAreSaidInWords(_ schema: JSONValue, _ line: HTML) {
        #expect(SchemaDescription(schema: schema).line == line)
    }

    @Test func schemaThatContainsItselfIsALink() {
        let schema: JSONValue = ["type": "object", "properties": ["child": ["$ref": "#/components/schemas/Node"]]]
        #expect(SchemaDescription(schema: schema).html.markup.contains("<a href=\"#schema-Node\">"))
    }
}
