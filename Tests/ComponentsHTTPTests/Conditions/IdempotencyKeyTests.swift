import Components
import HTTPTypes
import JSON
import Testing

@testable import ComponentsHTTP

struct IdempotencyKeyTests {
    private let path = "/api/v1/tool/demo/deploy"

    private func key(_ value: String) throws -> IdempotencyKey { try #require(IdempotencyKey(value)) }

    @Test(arguments: ["a", "A-z_0.9", "00000000-0000-4000-8000-000000000000", String(repeating: "x", count: 128)])
    func aKeyIsHandedOn(_ value: String) async throws {
        let (response, calls) = await exchange(APIRequest(.post, path, fields: [.idempotencyKey: value]))
        #expect(response.head.status == .created)
        #expect(response.head.headerFields[.idempotentReplayed] == nil)
        #expect(calls == [.deploy(try ToolName(known: "demo"), DeploymentOrder(key: try key(value)))])
    }

    @Test(arguments: ["", " ", "a b", "\"a\"", "a,b", "a/b", "é", "a~b", "a\u{1}b", String(repeating: "x", count: 129)])
    func whatIsNoKeyIsRefusedBeforeAnythingIsDone(_ value: String) async throws {
        let (response, calls) = await exchange(APIRequest(.post, path, fields: [.idempotencyKey: value]))
        #expect(response.head.status == .badRequest)
        #expect(try response.errors().first?.contains("Idempotency-Key") == true)
        #expect(calls.isEmpty)
    }

    @Test(arguments: [["a", "b"], ["a", "a"], ["", "a"]])
    func twoKeysAreNone(_ values: [String]) async {
        var request = APIRequest(.post, path)
        for value in values { request.head.headerFields.append(HTTPField(name: .idempotencyKey, value: value)) }
        let (response, calls) = await exchange(request)
        #expect(response.head.status == .badRequest)
        #expect(calls.isEmpty)
    }

    @Test func aReplaySaysThatItIsOne() async throws {
        let (response, _) = await exchange(
            APIRequest(.post, path, fields: [.idempotencyKey: "k"]), script: .init(isReplay: true))
        #expect(response.head.status == .ok)
        #expect(response.head.headerFields[.idempotentReplayed] == "true")
        #expect(response.head.headerFields[.location] == "\(path)/\(Deployment.example.id)")
        #expect(try response.messages("info").first?.contains("the same Idempotency-Key") == true)
        #expect(try response.json()["data"]?["deploy-id"] == .string(Deployment.example.id))
        #expect(
            Set(response.head.headerFields.map(\.name.rawName)).isSuperset(of: ["Location", "Idempotent-Replayed"]))
    }

    @Test(arguments: [("{", "application/json", 400), ("{}", "text/plain", 415)])
    func aBodyThatCannotBeReadIsNoOtherRequest(_ body: String, _ type: String, _ status: Int) async {
        let fields: HTTPFields = [.idempotencyKey: "k", .contentType: type]
        let (response, calls) = await exchange(
            APIRequest(.post, path, fields: fields, body: body), script: .init(isReplay: true))
        #expect(response.head.status.code == status)
        #expect(calls.isEmpty)
    }

    @Test func itIsAFieldOfTheForm() {
        let page = Documents.example.pageText()
        #expect(page.contains(#"id="startDeployment-Idempotency-Key" name="Idempotency-Key" data-in="header""#))
    }
}
