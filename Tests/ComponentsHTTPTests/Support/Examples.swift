import Components
import Foundation
import HTTPTypes
import JSON
import Logging
import OpenAPI
import Testing

@testable import ComponentsHTTP

extension ToolName {
    /// A name that is known to be one.
    init(known name: String) throws {
        self = try #require(ToolName(name))
    }
}

extension Deployment {
    static let example = Deployment(
        id: "demo-deploy-20261122-101500-48213", createdAt: Date(timeIntervalSince1970: 1_795_342_500),
        builds: [
            Build(component: "api", id: "demo-buildpacks-pipelinerun-a", phase: .succeeded, message: "All done"),
            Build(
                component: "web", id: "demo-buildpacks-pipelinerun-b", phase: .running, message: "Tasks Completed: 0"),
        ])
}

extension Deployment {
    /// One that has succeeded.
    static let finishedExample: Deployment = {
        var builds = example.builds
        for index in builds.indices {
            builds[index].phase = .succeeded
            builds[index].started = example.createdAt.addingTimeInterval(3)
            builds[index].ended = example.createdAt.addingTimeInterval(60)
        }
        return Deployment(id: example.id, createdAt: example.createdAt, builds: builds, requestedBy: "demo")
    }()

    /// One of which a build failed.
    static let failedExample: Deployment = {
        var builds = finishedExample.builds
        builds[1].phase = .failed
        builds[1].reason = .outOfMemory
        builds[1].message = "the step build used more than 4 GiB"
        return Deployment(id: example.id, createdAt: example.createdAt, builds: builds, reason: .outOfMemory)
    }()
}

extension GatewayParameters {
    static let demo = GatewayParameters(clientVerify: "SUCCESS", clientSubject: "CN=demo,O=toolforge", prefix: "")
}

extension APIRequest {
    /// A request with a path, as the tool `demo` unless another gateway speaks.
    init(
        _ method: HTTPRequest.Method, _ path: String, fields: HTTPFields = [:], body: String = "",
        gateway: GatewayParameters = .demo, isOverloaded: Bool = false
    ) {
        self.init(
            head: HTTPRequest(
                method: method, scheme: "https", authority: "localhost", path: path, headerFields: fields),
            body: .success(Array(body.utf8)), gateway: gateway, isOverloaded: isOverloaded)
    }
}

extension APIResponse {
    /// The body as JSON.
    func json() throws -> JSONValue { try JSONValue(parsing: body, limits: .trusted) }

    /// One of the envelope's lists.
    func messages(_ list: String) throws -> [String] {
        try #require(try json()["messages"]?[list]?.arrayValue).compactMap(\.stringValue)
    }

    /// The errors, after a check that this is an envelope as errors have it: no data, at least one error.
    func errors() throws -> [String] {
        let json = try json()
        #expect(json.objectValue?.keys == ["messages"])
        #expect(json["messages"]?.objectValue?.keys == ["info", "warning", "error"])
        let errors = try messages("error")
        #expect(!errors.isEmpty)
        return errors
    }
}

/// Responds to one request, and says what the operations were asked meanwhile.
func exchange(
    _ request: APIRequest, script: RecordingOperations.Script = .init(), tokens: ScriptedTokens = ScriptedTokens(),
    logger: Logger = .silent
) async -> (response: APIResponse, calls: [RecordingOperations.Call]) {
    let operations = RecordingOperations(script)
    let response = await APIResponder(
        table: .serving(operations, tokens: tokens), tokens: tokens, logger: logger
    ).respond(to: request)
    return (response, operations.calls)
}

/// What is made of endpoints that fit together.
private func fitting<Output>(_ make: () throws(EndpointTableError) -> Output) -> Output {
    do throws(EndpointTableError) {
        return try make()
    } catch {
        fatalError(error.description)  // The rows are wrong, so no test of them can run; a static value cannot throw.
    }
}

extension EndpointTable {
    /// Every endpoint, served by these operations.
    static func serving(
        _ operations: any ComponentsOperations, tokens: any DeployTokenOperations = ScriptedTokens(),
        metrics: @escaping @Sendable () -> MetricsDocument = { MetricsDocument([], mediaType: "text/plain") }
    ) -> EndpointTable {
        fitting { () throws(EndpointTableError) in
            try API(operations: operations, tokens: tokens, maximumRetained: 10, metrics: metrics)
                .table(documents: .example)
        }
    }

    /// Every endpoint, for what is to be known of them.
    static let example = serving(RecordingOperations())

    /// All of them.
    var endpoints: [Endpoint] { families.flatMap(\.endpoints) }
    /// What the document says of them.
    var operations: [OpenAPIOperation] {
        families.flatMap { family in
            family.endpoints.flatMap { $0.operations(offeringProblems: family.offersProblems) }
        }
    }
}

extension Documents {
    /// Rendered once for all tests.
    static let example = fitting { () throws(EndpointTableError) in
        try API(
            operations: RecordingOperations(), tokens: ScriptedTokens(), maximumRetained: 10,
            metrics: { MetricsDocument([], mediaType: "text/plain") }
        ).documents(version: "9.8.7")
    }

    /// The OpenAPI document as seen under a prefix.
    func json(servedAt prefix: URLPrefix = .none) throws -> JSONValue {
        guard case .document(let bytes, _) = openAPI(servedAt: prefix).content else { return .null }
        return try JSONValue(parsing: bytes, limits: .trusted)
    }

    /// The page as seen under a prefix.
    func pageText(servedAt prefix: URLPrefix = .none) -> String {
        guard case .document(let bytes, _) = page(servedAt: prefix).content else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Endpoint {
    /// What the document says of it, if its family offers problem details.
    var operations: [OpenAPIOperation] { operations(offeringProblems: true) }

    /// A path of it, with `demo` for the tool and `d` for every other parameter.
    var examplePath: String {
        path.path(Dictionary(uniqueKeysWithValues: path.parameters.map { ($0, $0 == "tool" ? "demo" : "d") }))
    }
}

extension Logger {
    /// Says nothing.
    static var silent: Logger { Logger(label: "silent") { _ in SwiftLogNoOpLogHandler() } }
}
