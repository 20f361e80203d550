import JSON
import Testing

@testable import DocumentationPage

/// The page of an API that is not this project's.
struct ForeignDocumentTests {
    private let document: JSONValue = [
        "openapi": "3.1.0", "info": ["title": "Pets", "version": "2"],
        "paths": [
            "/pets/{name}": [
                "get": [
                    "operationId": "getPet", "summary": "One pet",
                    "parameters": [
                        [
                            "name": "name", "in": "path", "required": true, "schema": ["type": "string"],
                            "example": "a/b",
                        ],
                        ["name": "at", "in": "query", "schema": ["type": "string"], "example": "10:15 ~"],
                        ["name": "more", "in": "query", "schema": ["type": "string"]],
                        ["name": "X-Kind", "in": "header", "schema": ["type": "string"], "example": "cat"],
                    ],
                    "responses": [
                        "200": [
                            "description": "It.",
                            "content": ["text/x": ["schema": ["type": "string"], "example": "purr"]],
                        ],
                        "299": ["description": "Odd."],
                    ],
                ]
            ]
        ],
    ]

    private func page() -> String {
        let format = DocumentationPage.Format(mediaTypes: ["text/x"], text: { "<\($0.text())>" })
        let page = DocumentationPage(
            document: document, documentPath: "/api.json", formats: [format],
            certificate: .init(curlArguments: "--cert mine", export: "export it", holder: "owner"))
        return String(decoding: page.html(servedAt: "/zoo"), as: UTF8.self)
    }

    @Test func everythingComesFromTheDocument() {
        let page = page()
        for text in [
            "<title>Pets</title>", "<a href=\"/zoo/api.json\">", "<h3 id=\"getPet\">", ">200 OK<", ">299<",
            "--header &#39;X-Kind: cat&#39; \\\n  &#39;https://HOST/zoo/pets/a%2Fb?at=10%3A15+%7E&#39;",
            "&lt;&quot;purr&quot;&gt;", "act as the owner",
        ] {
            #expect(page.contains(text), "\(text)")
        }
        #expect(!page.lowercased().contains("tool"))
        #expect(!page.contains("--cert mine"))
    }
}
