import JSON
import Testing

@testable import ComponentsHTTP

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

    @Test func schemaThatContainsItselfIsALink() {
        let schema: JSONValue = ["type": "object", "properties": ["child": .reference("schemas/Node")]]
        #expect(SchemaDescription(schema: schema).html.markup.contains("<a href=\"#schema-Node\">"))
    }
}
