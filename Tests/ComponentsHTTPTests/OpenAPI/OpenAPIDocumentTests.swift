import Components
import HTTPTypes
import JSON
import Testing

@testable import ComponentsHTTP

struct OpenAPIDocumentTests {
    private let document: JSONValue

    init() throws {
        document = try JSONValue(
            parsing: OpenAPIRendering(version: "9.8.7").document(servedAt: .none), limits: .trusted)
    }

    @Test func everyReferenceResolvesAndEveryPieceIsUsed() throws {
        var references: Set<String> = []
        collectReferences(in: document, into: &references)
        #expect(references.count > 30)
        for reference in references {
            var value: JSONValue? = document
            for part in try #require(reference.hasPrefix("#/") ? reference.dropFirst(2) : nil).split(separator: "/") {
                value = value?[String(part)]
            }
            #expect(value != nil, "\(reference)")
        }
        for kind in ["schemas", "parameters", "headers", "responses"] {
            for name in try #require(document["components"]?[kind]?.objectValue).keys {
                #expect(references.contains("#/components/\(kind)/\(name)"), "\(kind)/\(name)")
            }
        }
    }

    @Test func operationsAreThoseOfTheRoutes() throws {
        let tool = try ToolName(known: "demo")
        let routes: [Route] = [
            .config(tool), .deployments(tool), .deployment(tool, id: "d"), .openAPI, .health, .readiness,
        ]
        let paths = try #require(document["paths"]?.objectValue)
        #expect(Set(paths.keys) == Set(routes.map(\.template)))
        for route in routes {
            let methods = try #require(paths[route.template]?.objectValue).keys
            #expect(Set(methods) == Set(route.methods.map { $0.rawValue.lowercased() }))
        }
        let identifiers = OpenAPIOperation.all.map(\.id)
        #expect(Set(identifiers).count == identifiers.count)
    }

    /// Whatever the operations throw, the status of the answer and its type are in the document.
    @Test(arguments: ErrorTableTests.everyError)
    func everyStatusOfTheErrorTableIsDocumented(_ error: ComponentsError) async throws {
        let isOfTheConfigAlone = ErrorTableTests.failedPreconditions.contains(error)
        for operation in OpenAPIOperation.all where operation.path.contains("{tool}") || operation.path == "/readyz" {
            if isOfTheConfigAlone, operation.path.hasSuffix("/deploy") || operation.path.contains("id}") { continue }
            let path = operation.path.replacing("{tool}", with: "demo").replacing("{deploy-id}", with: "d")
            let method = try #require(HTTPRequest.Method(operation.method.uppercased()))
            for accept in ["application/json", "application/yaml"] {
                let (response, calls) = await exchange(
                    APIRequest(method, path, fields: [.accept: accept]), script: .failing(error))
                // An empty body is no config, so nothing was asked then.
                #expect(calls.count == (operation.id == "storeConfig" ? 0 : 1))
                try expectDocumented(response, operation)
            }
        }
        let body = APIRequest(.post, "/api/v1/tool/demo/config", body: "{}")
        let (response, calls) = await exchange(body, script: .failing(error))
        #expect(calls.count == 1)
        try expectDocumented(response, try #require(OpenAPIOperation.all.first { $0.id == "storeConfig" }))
    }

    @Test(arguments: ErrorTableTests.everyRequestFault)
    func everyStatusOfRequestFaultsIsDocumented(_ fault: RequestFault) throws {
        let status = ErrorAnswer(fault).status.code
        let hasBody: Set = [413, 415, 422]
        for operation in OpenAPIOperation.all {
            if status == 403 && !operation.path.contains("{tool}") { continue }
            if hasBody.contains(status) && operation.method != "post" { continue }
            #expect(operation.statuses.contains(status), "\(operation.id) \(status)")
        }
    }

    @Test(arguments: OpenAPIOperation.all.map(\.id))
    func successIsDocumented(_ id: String) async throws {
        let operation = try #require(OpenAPIOperation.all.first { $0.id == id })
        let path = operation.path.replacing("{tool}", with: "demo").replacing("{deploy-id}", with: "d")
        let method = try #require(HTTPRequest.Method(operation.method.uppercased()))
        let (response, _) = await exchange(APIRequest(method, path, body: method == .post ? "{}" : ""))
        #expect(response.head.status.code == operation.success)
        try expectDocumented(response, operation)
    }

    @Test func serversAndVersionAreTrue() throws {
        #expect(document["servers"] == [["url": "/"]])
        #expect(document["info"]?["version"] == "9.8.7")
        let prefix = try #require(URLPrefix("/components"))
        let behindGateway = try JSONValue(
            parsing: OpenAPIRendering(version: "9.8.7").document(servedAt: prefix), limits: .trusted)
        #expect(behindGateway["servers"] == [["url": "/components"]])
        #expect(behindGateway["paths"] == document["paths"])
    }

    @Test func toolOperationsNeedTheCertificateAndTheOthersNothing() throws {
        for operation in OpenAPIOperation.all {
            let security = document["paths"]?[operation.path]?[operation.method]?["security"]
            #expect(security == (operation.path.contains("{tool}") ? [["toolCertificate": []]] : []))
        }
    }

    /// Status, type of the body and the fields that only this status has.
    private func expectDocumented(_ response: APIResponse, _ operation: OpenAPIOperation) throws {
        let status = response.head.status.code
        var described = document["paths"]?[operation.path]?[operation.method]?["responses"]?[String(status)]
        if let name = described?["$ref"]?.stringValue?.split(separator: "/").last {
            described = document["components"]?["responses"]?[String(name)]
        }
        let answer = try #require(described, "\(operation.id) answers \(status)")
        let type = try #require(response.head.headerFields[.contentType])
        if operation.method == "head" {
            #expect(answer["content"] == nil)
        } else {
            #expect(answer["content"]?[type] != nil, "\(operation.id) answers \(type)")
        }
        let known = Set(try #require(answer["headers"]?.objectValue).keys)
        let common: Set = ["Content-Type", "Content-Length"]
        let sent = Set(response.head.headerFields.map(\.name.rawName)).subtracting(common)
        #expect(sent.isSubset(of: known), "\(operation.id) \(status): \(sent.subtracting(known))")
    }

    private func collectReferences(in value: JSONValue, into references: inout Set<String>) {
        switch value {
        case .array(let elements): for element in elements { collectReferences(in: element, into: &references) }
        case .object(let object):
            for member in object.members {
                if member.key == "$ref", let reference = member.value.stringValue { references.insert(reference) }
                collectReferences(in: member.value, into: &references)
            }
        case .null, .bool, .number, .string: break
        }
    }
}
