import JSON
import TestSupport
import Testing

@testable import Kubernetes

@Suite struct ResponseCheckTests {
    private let check = ResponseCheck(definition: Gadget.definition, namespace: "tool-demo")

    private func response(_ bytes: [UInt8]) -> KubernetesResponse {
        KubernetesResponse(status: 200, retryAfter: nil, body: bytes)
    }
    private func response(_ json: JSONValue) -> KubernetesResponse { response(json.serialized()) }

    private func changed(_ change: (inout JSONObject) -> Void) -> JSONValue {
        var object = Gadget.stored("a").objectValue ?? [:]
        change(&object)
        return .object(object)
    }

    private func changedMetadata(_ key: String, _ value: JSONValue?) -> JSONValue {
        changed { object in
            var metadata = object["metadata"]?.objectValue ?? [:]
            metadata[key] = value
            object["metadata"] = .object(metadata)
        }
    }

    @Test func takesTheObjectThatWasAskedFor() throws {
        #expect(try check.object(response(Gadget.stored("a")), named: "a") == Gadget.stored("a"))
        #expect(try check.object(response(Gadget.stored("a-x7k2p")), named: nil) == Gadget.stored("a-x7k2p"))
    }

    @Test(arguments: ["", "<html><body>Welcome</body></html>", "ok", "{", "null", "[]", "5"])
    func refusesWhatIsNoObject(_ text: String) {
        #expect(throws: KubernetesError.self) { try check.object(response(Array(text.utf8)), named: "a") }
        #expect(throws: KubernetesError.self) { try check.list(response(Array(text.utf8)), metadataOnly: false) }
    }

    @Test func refusesAnotherObject() {
        let others = [
            changed { $0["kind"] = "Widget" }, changed { $0["apiVersion"] = "example.org/v2" },
            changed { $0["metadata"] = nil }, changed { $0["metadata"] = "a" }, changedMetadata("name", "b"),
            changedMetadata("name", nil), changedMetadata("name", ""), changedMetadata("namespace", "tool-other"),
            changedMetadata("namespace", nil), ["kind": "Status", "apiVersion": "v1", "status": "Success"],
        ]
        for other in others {
            #expect(throws: KubernetesError.self) { try check.object(response(other), named: "a") }
        }
    }

    @Test func refusesAListOfOtherThings() {
        let item = Gadget.stored("a")
        let lists: [JSONValue] = [
            ["kind": "WidgetList", "apiVersion": "example.org/v1", "metadata": [:], "items": [item]],
            ["kind": "GadgetList", "apiVersion": "example.org/v1", "items": [item]],
            ["kind": "GadgetList", "apiVersion": "example.org/v1", "metadata": [:]],
            ["kind": "GadgetList", "apiVersion": "example.org/v1", "metadata": [:], "items": [5]],
            ["kind": "GadgetList", "apiVersion": "example.org/v1", "metadata": [:], "items": [["metadata": [:]]]],
            [
                "kind": "GadgetList", "apiVersion": "example.org/v1", "metadata": [:],
                "items": [changedMetadata("namespace", "tool-other")],
            ],
        ]
        for list in lists {
            #expect(throws: KubernetesError.self) { try check.list(response(list), metadataOnly: false) }
        }
    }

    @Test func noMutatedResponsePassesForAnotherObject() {
        let seed: UInt64 = 20_261_122
        var random = SeededRandom(seed: seed)
        let original = Gadget.stored("a").serialized()
        var accepted = 0
        for _ in 0..<5_000 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.removeSubrange(index...)
                default: bytes.insert(bytes[index], at: index)
                }
                if bytes.isEmpty { break }
            }
            guard let json = try? check.object(response(bytes), named: "a") else { continue }
            accepted += 1
            // What passes is the object that was asked for, whatever else it says.
            #expect(json["metadata"]?["name"] == "a", "seed \(seed)")
            #expect(json["kind"] == "Gadget", "seed \(seed)")
            _ = try? Gadget(json: json)
        }
        #expect(accepted < 5_000)
    }
}
