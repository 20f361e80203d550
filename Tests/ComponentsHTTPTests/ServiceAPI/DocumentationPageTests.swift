import Foundation
import JSON
import OpenAPI
import Testing

@testable import ComponentsHTTP
@testable import DocumentationPage

struct DocumentationPageTests {
    private let document: JSONValue

    init() throws { document = try Documents.example.json() }

    private func page(_ document: JSONValue) -> String {
        let format = DocumentationPage.Format(mediaTypes: ["application/json"], text: { $0.text(.indented) })
        let page = DocumentationPage(
            document: document, documentPath: "/openapi.json", formats: [format], certificate: .toolforge)
        return String(decoding: page.html(servedAt: ""), as: UTF8.self)
    }

    @Test func everyOperationHasASectionWithItsFormAndItsAnswers() throws {
        let page = page(document)
        for operation in EndpointTable.example.operations {
            let start = try #require(page.range(of: "<h3 id=\"\(operation.id)\">"), "\(operation.id)")
            let rest = page[start.lowerBound...]
            let section = rest[..<(try #require(rest.range(of: "</section>")).lowerBound)]
            let method = operation.method.uppercased()
            #expect(section.contains(">\(method)</span> <code>\(operation.path)</code>"))
            #expect(section.contains("data-method=\"\(method)\" data-path=\"\(operation.path)\""))
            for status in operation.responses.map(\.status) {
                #expect(section.contains(">\(status) "), "\(operation.id) \(status)")
            }
            #expect(section.contains(operation.responses.contains { $0.status == 201 } ? ">201 Created<" : ">200 OK<"))
            #expect(section.contains(">504 Gateway Timeout<"))
            for name in ["tool", "deploy-id"] {
                #expect(section.contains("name=\"\(name)\"") == operation.path.contains("{\(name)}"))
            }
            #expect(section.contains("<textarea") == (operation.body != nil))
            #expect(section.contains("~/.toolskube/client.crt") == operation.path.contains("{tool}"))
            #expect(page.contains("<a href=\"#\(operation.id)\">"))
        }
    }

    @Test func everySchemaAndHeaderFieldIsThereAndEveryLinkLeadsSomewhere() throws {
        let page = page(document)
        for (kind, prefix) in [("schemas", "schema-"), ("headers", "field-")] {
            for name in try #require(document["components"]?[kind]?.objectValue).keys {
                #expect(page.contains("id=\"\(prefix)\(name)\""))
            }
        }
        let links = page.matches(of: #/(?:href="#|for="|aria-labelledby="|aria-describedby=")([^"]+)"/#)
        #expect(links.count > 100)
        for target in links.flatMap({ $0.output.1.split(separator: " ") }) {
            #expect(page.contains("id=\"\(target)\""), "\(target)")
        }
    }

    @Test func identifiersAreUnique() {
        let identifiers = page(document).matches(of: #/ id="([^"]+)"/#).map(\.output.1)
        #expect(identifiers.count > 50)
        #expect(Set(identifiers).count == identifiers.count)
    }

    @Test func nothingIsFetchedFromElsewhere() {
        let page = page(document)
        for word in ["src=", "<link", "<img", "<iframe", "@import", "url(", "style=", " onclick", "javascript:"] {
            #expect(!page.contains(word), "\(word)")
        }
        for link in page.matches(of: #/(?:href|action)="([^"]*)"/#).map(\.output.1) {
            #expect(link.hasPrefix("#") || link == "/openapi.json", "\(link)")
        }
        #expect(!PageScript.text.contains("innerHTML"))
        #expect(!PageScript.text.contains("http"))
    }

    @Test func everyPathHasThePrefix() throws {
        let prefix = try #require(URLPrefix("/components"))
        let page = Documents.example.pageText(servedAt: prefix)
        let paths = page.matches(of: #/data-path="([^"]*)"/#).map(\.output.1)
        #expect(
            paths.map(String.init).sorted() == EndpointTable.example.operations.map { "/components\($0.path)" }.sorted()
        )
        #expect(page.contains("&#39;https://HOST/components/healthz&#39;"))
        #expect(page.contains("href=\"/components/openapi.json\""))
        #expect(!page.contains("HOST/api"))
        #expect(!page.utf8.contains(0))
    }

    @Test func whatADocumentSaysNeverBecomesMarkup() {
        let evil = #"</textarea></script><script>alert(1)</script><img src=x onerror='"&"'>"# + "\u{0}`<b>`"
        let page = page(hostile(document, evil))
        #expect(page.matches(of: #/<script/#).count == 1)
        #expect(page.matches(of: #/<\/script/#).count == 1)
        #expect(!page.contains("<img"))
        #expect(!page.contains("<b>"))
        #expect(!page.contains("onerror='"))
        #expect(!page.utf8.contains(0))
        #expect(page.contains("&lt;img src=x onerror=&#39;&quot;&amp;&quot;&#39;&gt;"))
        // No markup of ours is shown as text.
        let shown = self.page(document).matches(of: #/&lt;(\/|p>|code|span|a |d[ltd]|summary)/#)
        #expect(shown.isEmpty)
    }

    /// The document with this text behind every name and string of it, but for what its form depends on.
    private func hostile(_ value: JSONValue, _ evil: String, key: String = "") -> JSONValue {
        switch value {
        case .string(let text) where ["$ref", "in", "type"].contains(key): .string(text)
        case .string(let text): .string(text + evil)
        case .array(let elements): .array(elements.map { hostile($0, evil, key: key) })
        case .object(let object):
            .object(
                JSONObject(
                    object.members.map { name, member in
                        let isFree = ["examples", "properties", "responses", "content", "schemas"].contains(key)
                        return (isFree ? name + evil : name, hostile(member, evil, key: name))
                    }))
        case .null, .bool, .number: value
        }
    }
}
