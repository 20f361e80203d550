import JSON
import TestSupport
import Testing

@testable import Kubernetes

@Suite struct RequestBuilderTests {
    private static let fields = "?fieldManager=a%20b&fieldValidation=Strict"
    private let gadgets = RequestBuilder(
        definition: Gadget.definition, namespace: "tool-demo", fieldManager: "a b", fieldValidation: .strict)
    private let namespaces = RequestBuilder(
        definition: Namespace.definition, namespace: nil, fieldManager: "m", fieldValidation: .warn)
    private let path = "/apis/example.org/v1/namespaces/tool-demo/gadgets"

    @Test func getsByPath() throws {
        let request = try gadgets.get("a.b-c")
        #expect(request.method == .get)
        #expect(request.target == path + "/a.b-c")
        #expect(request.body == nil)
        #expect(request.repeatability == .read)
        #expect(try namespaces.get("tool-demo").target == "/api/v1/namespaces/tool-demo")
    }

    @Test func writesStatusUnderItsOwnPath() throws {
        let patch = try gadgets.mergePatch("a", [:], subresource: .status)
        #expect(patch.target == path + "/a/status" + Self.fields)
        #expect(patch.resource == "gadgets.example.org/status")
    }

    @Test func refusesToReplaceWithoutAVersion() {
        #expect(throws: KubernetesError.self) { try gadgets.replace(["metadata": ["name": "a"]]) }
        #expect(throws: KubernetesError.self) {
            try gadgets.replace(["metadata": ["name": "a", "resourceVersion": ""]])
        }
        #expect(throws: KubernetesError.self) { try gadgets.replace(["metadata": ["resourceVersion": "7"]]) }
    }

    @Test func repeatsACreationOnlyUnderAFixedName() throws {
        let named: JSONValue = ["metadata": ["name": "a"]]
        let generated: JSONValue = ["metadata": ["generateName": "a-"]]
        #expect(try gadgets.create(named, isRepeatable: true).repeatability == .harmlessWrite)
        #expect(try gadgets.create(named, isRepeatable: false).repeatability == .write)
        #expect(try gadgets.create(generated, isRepeatable: true).repeatability == .write)
        #expect(try gadgets.create(named, isRepeatable: true).target == path + Self.fields)
    }

    @Test(arguments: [
        (JSONPatchOperation.add("/spec", 1), true), (.add("/spec/list/-", 1), false), (.add("/spec/list/0", 1), false),
        (.replace("/spec/list/0", 1), true), (.test("/spec", 1), true), (.remove("/spec"), false),
        (.add("/spec/0a", 1), true),
    ])
    func knowsWhichPatchesMayBeRepeated(_ operation: JSONPatchOperation, _ mayBeRepeated: Bool) throws {
        let request = try gadgets.jsonPatch("a", [.test("/x", nil), operation], isRepeatable: false)
        #expect(request.repeatability == (mayBeRepeated ? .harmlessWrite : .write))
        #expect(try gadgets.jsonPatch("a", [operation], isRepeatable: true).repeatability == .harmlessWrite)
    }

    @Test func sendsJSONPatchesAsRFC6902() throws {
        let operations: [JSONPatchOperation] = [
            .add("/metadata/labels/a~0b~1c", "x"), .remove("/spec/y"),
        ]
        let body = try #require(try gadgets.jsonPatch("a", operations, isRepeatable: false).body)
        #expect(body.contentType == "application/json-patch+json")
        #expect(
            try JSONValue(parsing: body.bytes) == [
                ["op": "add", "path": "/metadata/labels/a~0b~1c", "value": "x"], ["op": "remove", "path": "/spec/y"],
            ])
    }

    @Test func deletesWithPreconditions() throws {
        let bare = try gadgets.delete("a", DeleteOptions())
        #expect(bare.repeatability == .write)
        #expect(
            try JSONValue(parsing: bare.body?.bytes ?? [])
                == ["kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Background"])
        let exact = try gadgets.delete(
            "a", DeleteOptions(preconditions: DeletePreconditions(uid: "u", resourceVersion: "7"), propagation: .orphan)
        )
        #expect(exact.repeatability == .harmlessWrite)
        #expect(try JSONValue(parsing: exact.body?.bytes ?? [])["propagationPolicy"] == "Orphan")
        #expect(
            try JSONValue(parsing: exact.body?.bytes ?? [])["preconditions"] == ["uid": "u", "resourceVersion": "7"])
    }

    @Test func everyWriteHasABody() throws {
        let object: JSONValue = ["metadata": ["name": "a", "resourceVersion": "7"]]
        let writes = [
            try gadgets.create(object, isRepeatable: false), try gadgets.replace(object),
            try gadgets.mergePatch("a", [:]), try gadgets.jsonPatch("a", [], isRepeatable: false),
            try gadgets.delete("a", DeleteOptions()),
            try gadgets.deleteCollection(ListQuery(labelSelector: "a=b", limit: 1), .background),
        ]
        #expect(writes.allSatisfy { $0.body?.bytes.isEmpty == false && $0.isWrite })
    }

    @Test func namespacedKindsNeedANamespaceAndOthersMustHaveNone() {
        let anywhere = RequestBuilder(
            definition: Gadget.definition, namespace: nil, fieldManager: "m", fieldValidation: .strict)
        #expect(throws: KubernetesError.self) { try anywhere.get("a") }
        #expect(throws: KubernetesError.self) { try anywhere.create(["metadata": ["name": "a"]], isRepeatable: false) }
        let nested = RequestBuilder(
            definition: Namespace.definition, namespace: "x", fieldManager: "m", fieldValidation: .strict)
        #expect(throws: KubernetesError.self) { try nested.get("a") }
    }

    @Test func noHostileNameLeavesItsPlace() throws {
        var random = SeededRandom(seed: 20_261_122)
        let pieces = ["..", ".", "/", "%2e", "%", "a", "-", "\\", "?", "#", "\0", "\r\n", ";", "é", "A", "0", "@", ":"]
        var accepted = 0
        for _ in 0..<2_000 {
            let name = (0..<Int.random(in: 0...5, using: &random))
                .map { _ in pieces[Int.random(in: 0..<pieces.count, using: &random)] }.joined()
            guard let request = try? gadgets.get(name) else { continue }
            accepted += 1
            #expect(request.target == path + "/" + name)
            #expect(name.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyz0123456789-.".utf8.contains($0) })
            #expect(!name.contains("..") && !name.hasPrefix(".") && !name.hasSuffix("."))
        }
        #expect(accepted > 0)
    }

    @Test func acceptsNamesOf253CharactersAndNamespacesOf63() throws {
        #expect(try gadgets.get(String(repeating: "a", count: 253)).target.hasSuffix("a"))
        #expect(throws: KubernetesError.self) { try gadgets.get(String(repeating: "a", count: 254)) }
        #expect(ObjectName.isNamespace(String(repeating: "a", count: 63)))
        #expect(!ObjectName.isNamespace(String(repeating: "a", count: 64)))
        #expect(!ObjectName.isNamespace("a.b"))
    }
}
