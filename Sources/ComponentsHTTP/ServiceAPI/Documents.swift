import DocumentationPage
import HTTPTypes
import JSON
import OpenAPI

/// The OpenAPI document and the page made from it, rendered once.
struct Documents: Sendable {
    /// The document without `servers`, from its first member on.
    private let document: ArraySlice<UInt8>
    private let documentationPage: DocumentationPage

    /// No documents, for a table that is only described.
    static let none = Documents(
        OpenAPIDocument(
            title: "", description: "", version: "", tags: [], operations: [], schemas: [], securitySchemes: []))

    /// Renders the documents.
    init(_ document: OpenAPIDocument) {
        let json = document.json
        self.document = json.serialized().dropFirst()
        documentationPage = DocumentationPage(
            document: json, documentPath: "/openapi.json",
            formats: BodyFormat.allCases.map { format in
                DocumentationPage.Format(mediaTypes: format.acceptedMediaTypes, text: { $0.text(in: format) })
            },
            certificate: .toolforge)
    }

    /// The document as seen by clients who reach this service under that prefix.
    func openAPI(servedAt prefix: URLPrefix) -> Response {
        let servers: JSONValue = [["url": .string(prefix.path.isEmpty ? "/" : prefix.path)]]
        let bytes = Array("{\"servers\":".utf8) + servers.serialized() + [UInt8(ascii: ",")] + document
        return Response(document: bytes, mediaType: BodyFormat.json.mediaType)
    }

    /// The page as seen by clients who reach this service under that prefix, which needs no escaping: see `URLPrefix`.
    func page(servedAt prefix: URLPrefix) -> Response {
        var fields: HTTPFields = [:]
        for (name, value) in DocumentationPage.fields {
            guard let name = HTTPField.Name(name) else { continue }
            fields[name] = value
        }
        return Response(
            document: documentationPage.html(servedAt: prefix.path), mediaType: DocumentationPage.mediaType,
            fields: fields)
    }
}

extension DocumentationPage.Certificate {
    /// How tools of Toolforge show who they are.
    static let toolforge = DocumentationPage.Certificate(
        curlArguments: "--cert ~/.toolskube/client.crt --key ~/.toolskube/client.key",
        export: "openssl pkcs12 -export -in ~/.toolskube/client.crt -inkey ~/.toolskube/client.key -out tool.p12",
        holder: "tool")
}
