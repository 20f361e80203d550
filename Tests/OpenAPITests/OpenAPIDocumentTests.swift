import JSON
import Testing

@testable import OpenAPI

struct OpenAPIDocumentTests {
    private func operation(
        _ method: String = "get", id: String = "getIt", tag: String = "t", parameters: [OpenAPIParameter] = [],
        schema: JSONValue = true, security: [String] = []
    ) -> OpenAPIOperation {
        OpenAPIOperation(
            path: "/a", method: method, id: id, tag: tag, summary: "It", parameters: parameters,
            responses: [
                OpenAPIResponse(
                    200, description: "It.", headers: [OpenAPIHeader("X-A", description: "A.", schema: true)],
                    mediaTypes: ["application/json"], schema: schema),
                OpenAPIResponse(
                    404, description: "None.", headers: [], mediaTypes: [], schema: true, name: "Missing"),
            ], security: security)
    }

    private func document(
        _ operations: [OpenAPIOperation], schemas: [(name: String, schema: JSONValue)] = []
    ) -> OpenAPIDocument {
        OpenAPIDocument(
            title: "T", description: "D", version: "1", tags: [.init(name: "t", description: "")],
            operations: operations, schemas: schemas, securitySchemes: [(name: "key", scheme: ["type": "http"])])
    }

    @Test func whatIsSharedStandsOnce() {
        let parameter = OpenAPIParameter("p", in: .query, isRequired: false, description: "P.", schema: true)
        let json = document([
            operation(parameters: [parameter]), operation("post", id: "postIt", parameters: [parameter]),
        ]).json
        #expect(json["components"]?["parameters"]?.objectValue?.keys == ["p"])
        #expect(json["components"]?["headers"]?.objectValue?.keys == ["X-A"])
        #expect(json["components"]?["responses"]?.objectValue?.keys == ["Missing"])
        let paths = json["paths"]?["/a"]
        #expect(paths?.objectValue?.keys == ["get", "post"])
        #expect(paths?["post"]?["parameters"] == [["$ref": "#/components/parameters/p"]])
        #expect(paths?["get"]?["responses"]?["404"] == ["$ref": "#/components/responses/Missing"])
        #expect(paths?["get"]?["responses"]?["200"]?["content"] == ["application/json": ["schema": true]])
    }

    @Test func documentThatFitsHasNoFaults() {
        let schemas: [(name: String, schema: JSONValue)] = [("A", ["items": .schema("B")]), ("B", true)]
        #expect(document([operation(schema: .schema("A"), security: ["key"])], schemas: schemas).faults == [])
    }

    @Test func whatDoesNotFitIsNamed() {
        let one = OpenAPIParameter("p", in: .query, isRequired: false, description: "P.", schema: true)
        let other = OpenAPIParameter("p", in: .header, isRequired: false, description: "P.", schema: true)
        let cases: [(OpenAPIDocument, String)] = [
            (document([operation(), operation("post")]), "POST /a: the id getIt is used twice"),
            (document([operation(tag: "u")]), "GET /a: there is no tag u"),
            (document([operation(security: ["pin"])]), "GET /a: there is no security scheme pin"),
            (document([operation(schema: ["items": .schema("C")])]), "GET /a: there is no schema C"),
            (document([operation()], schemas: [("A", [.schema("C")])]), "the schema A refers to C, which is not there"),
            (
                document([operation(parameters: [one]), operation("post", id: "b", parameters: [other])]),
                "the parameter p has two meanings"
            ),
        ]
        for (document, fault) in cases { #expect(document.faults == [fault]) }
    }
}
