import Components
import Foundation
import HTTPTypes
import JSON
import Logging
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

/// Answers one request, and what the operations were asked meanwhile.
func exchange(
    _ request: APIRequest, script: RecordingOperations.Script = .init(), logger: Logger = .silent
) async -> (response: APIResponse, calls: [RecordingOperations.Call]) {
    let operations = RecordingOperations(script)
    let responder = APIResponder(
        operations: operations, logger: logger, openAPI: .example, documentation: .example)
    return (await responder.respond(to: request), operations.calls)
}

extension OpenAPIRendering {
    /// Rendered once for all tests.
    static let example = OpenAPIRendering(version: "1.0.0")
}

extension DocumentationRendering {
    /// Rendered once for all tests.
    static let example = DocumentationRendering(document: OpenAPIDocument(version: "1.0.0").json)
}

extension Logger {
    /// Says nothing.
    static var silent: Logger { Logger(label: "silent") { _ in SwiftLogNoOpLogHandler() } }
}
