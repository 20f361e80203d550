import Components
import HTTPTypes
import JSON
import OpenAPI
import Testing

@testable import ComponentsHTTP

/// What the OpenAPI document says of the endpoints is what they do.
struct EndpointDocumentTests {
    private let document: JSONValue

    init() throws {
        document = try Documents.example.json()
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

    @Test func operationsAreThoseOfTheDocumentedEndpoints() throws {
        let paths = try #require(document["paths"]?.objectValue)
        for endpoint in EndpointTable.example.endpoints {
            let path = paths[endpoint.path.description]
            #expect((path?[endpoint.method.rawValue.lowercased()] != nil) == endpoint.isDocumented, "\(endpoint.id)")
            if endpoint.method == .get { #expect((path?["head"] != nil) == endpoint.isDocumented, "\(endpoint.id)") }
        }
        let count = paths.members.reduce(0) { $0 + ($1.value.objectValue?.count ?? 0) }
        #expect(count == EndpointTable.example.operations.count)
    }

    /// Whatever the operations throw, the status of the answer and its type are in the document.
    @Test(arguments: ErrorTableTests.everyError)
    func everyStatusOfTheErrorTableIsDocumented(_ error: ComponentsError) async throws {
        let isOfTheConfigAlone = ErrorTableTests.failedPreconditions.contains(error)
        // One table for all requests: to make it takes longer than to answer one.
        let (operations, tokens) = (RecordingOperations(.failing(error)), ScriptedTokens())
        let responder = APIResponder(
            table: .serving(operations, tokens: tokens), tokens: tokens, logger: .silent)
        for operation in EndpointTable.example.operations
        where operation.path.contains("{tool}") && !operation.id.hasSuffix("DeployToken") || operation.path == "/readyz"
        {
            let hasConditions = operation.parameters.contains { $0.name == "If-Match" }
            if isOfTheConfigAlone && !hasConditions { continue }
            let path = path(of: operation)
            let method = try #require(HTTPRequest.Method(operation.method.uppercased()))
            for accept in ["application/json", "application/yaml", "application/problem+json"] {
                let before = operations.calls.count
                let response = await responder.respond(to: APIRequest(method, path, fields: [.accept: accept]))
                // An empty body is no config, so nothing was asked then.
                let isAsked = !["storeConfig", "storeComponentsConfig"].contains(operation.id)
                #expect(operations.calls.count - before == (isAsked ? 1 : 0))
                try expectDocumented(response, operation)
            }
        }
        let body = APIRequest(.post, "/api/v1/tool/demo/config", body: "{}")
        let (response, calls) = await exchange(body, script: .failing(error))
        #expect(calls.count == 1)
        try expectDocumented(response, try #require(EndpointTable.example.operations.first { $0.id == "storeConfig" }))
    }

    @Test(arguments: ErrorTableTests.everyRequestFault)
    func everyStatusOfRequestFaultsIsDocumented(_ fault: RequestFault) throws {
        let status = ErrorResponse(fault).status.code
        let hasBody: Set = [413, 415, 422]
        for operation in EndpointTable.example.operations {
            if status == 403 && !operation.path.contains("{tool}") { continue }
            if status == 412 && !operation.parameters.contains(where: { $0.name == "If-Match" }) { continue }
            if hasBody.contains(status) && operation.body == nil { continue }
            #expect(operation.responses.contains { $0.status == status }, "\(operation.id) \(status)")
        }
    }

    @Test(arguments: EndpointTable.example.operations.map(\.id))
    func successIsDocumented(_ id: String) async throws {
        let operation = try #require(EndpointTable.example.operations.first { $0.id == id })
        let path = path(of: operation)
        let method = try #require(HTTPRequest.Method(operation.method.uppercased()))
        var script = RecordingOperations.Script()
        // What is usual is that it has succeeded.
        if path.hasSuffix("/result") { script.deployment = .success(.finishedExample) }
        let (response, _) = await exchange(APIRequest(method, path, body: method == .post ? "{}" : ""), script: script)
        #expect(response.head.status.code == operation.usualSuccess)
        try expectDocumented(response, operation)
    }

    /// Generators of clients make a member of each property.
    ///
    /// Two of one name do not compile, one without a type can be sent as anything, and one that is always null stops them. A
    /// `$ref` that may be null stands in an `anyOf`, because a type with a name of its own is made of it.
    @Test func everyPropertyOfASchemaHasATypeAndANameOfItsOwn() throws {
        func hasType(_ schema: JSONValue) -> Bool {
            if schema["$ref"] != nil { return true }
            if case .array(let choices)? = schema["anyOf"] {
                return choices.count == 2 && choices[0]["$ref"] != nil && choices[1] == ["type": "null"]
            }
            return schema["type"].map { $0 != "null" && $0 != ["null"] } ?? false
        }
        func check(_ schema: JSONValue, _ name: String) {
            var identifiers: Set<String> = []
            for (property, member) in schema["properties"]?.objectValue?.members ?? [] {
                let identifier = property.lowercased().filter { $0.isLetter || $0.isNumber }
                #expect(identifiers.insert(identifier).inserted, "\(name).\(property)")
                #expect(hasType(member), "\(name).\(property)")
                check(member, "\(name).\(property)")
            }
            for key in ["items", "additionalProperties"] {
                if let element = schema[key] { check(element, "\(name).\(key)") }
            }
        }
        for (name, schema) in try #require(document["components"]?["schemas"]?.objectValue).members {
            check(schema, name)
        }
    }

    /// Generators of clients make a type of each schema in these, which loses keys, has a member twice, or stops them.
    @Test func noSchemaHasAKeywordThatGeneratorsOfClientsReadInAnotherWay() throws {
        func keywords(_ value: JSONValue) -> [String] {
            switch value {
            case .object(let object): object.keys + object.members.flatMap { keywords($0.value) }
            case .array(let elements): elements.flatMap(keywords)
            case .null, .bool, .number, .string: []
            }
        }
        let used = Set(keywords(try #require(document["components"]?["schemas"])))
        #expect(used.isDisjoint(with: ["oneOf", "not"]))
    }

    @Test func serversAndVersionAreTrue() throws {
        #expect(document["servers"] == [["url": "/"]])
        #expect(document["info"]?["version"] == "9.8.7")
        let prefix = try #require(URLPrefix("/components"))
        let behindGateway = try Documents.example.json(servedAt: prefix)
        #expect(behindGateway["servers"] == [["url": "/components"]])
        #expect(behindGateway["paths"] == document["paths"])
    }

    @Test func toolOperationsNeedTheCertificateOrATokenAndTheOthersNothing() throws {
        for endpoint in EndpointTable.example.endpoints {
            for operation in endpoint.operations {
                let security = document["paths"]?[operation.path]?[operation.method]?["security"]
                let certificate: [JSONValue] = endpoint.needsIdentity ? [["toolCertificate": []]] : []
                let token: [JSONValue] = endpoint.acceptsDeployToken ? [["deployToken": []]] : []
                #expect(security == .array(certificate + token))
            }
        }
    }

    /// A path of it, with `demo` for the tool and `d` for every other parameter.
    private func path(of operation: OpenAPIOperation) -> String {
        PathTemplate(stringLiteral: operation.path).path(["tool": "demo", "deploy-id": "d", "deployment_id": "d"])
    }

    /// Status, type of the body and the fields that only this status has.
    private func expectDocumented(_ response: APIResponse, _ operation: OpenAPIOperation) throws {
        let status = response.head.status.code
        var described = document["paths"]?[operation.path]?[operation.method]?["responses"]?[String(status)]
        if let name = described?["$ref"]?.stringValue?.split(separator: "/").last {
            described = document["components"]?["responses"]?[String(name)]
        }
        let answer = try #require(described, "\(operation.id) answers \(status)")
        // Its parameters are not part of what the document names.
        let type = try #require(response.head.headerFields[.contentType]?.split(separator: ";").first.map(String.init))
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

extension OpenAPIOperation {
    /// The status of its usual success, which is the first that its endpoint names.
    fileprivate var usualSuccess: Int? {
        EndpointTable.example.endpoints.first { $0.path.description == path && $0.operations.contains { $0.id == id } }?
            .successes.first?.status.code
    }
}
