import Foundation
import JSON
import Testing

@testable import Kubernetes

@Suite struct ObjectMetadataTests {
    @Test func readsWhatAServerSends() throws {
        let metadata = try ObjectMetadata(json: [
            "name": "a", "namespace": "n", "uid": "u", "resourceVersion": "7", "generation": 2,
            "creationTimestamp": "2026-11-22T10:15:00Z", "deletionTimestamp": nil, "labels": ["l": "1"],
            "annotations": nil, "finalizers": ["f"], "managedFields": [["manager": "x"]],
            "ownerReferences": [["apiVersion": "v1", "kind": "K", "name": "o", "uid": "ou", "controller": true]],
        ])
        #expect(metadata.creationTimestamp == Date(timeIntervalSince1970: 1_795_342_500))
        #expect(metadata.deletionTimestamp == nil)
        #expect(metadata.labels == ["l": "1"])
        #expect(metadata.annotations == [:])
        #expect(metadata.generation == 2)
        #expect(
            metadata.ownerReferences
                == [OwnerReference(apiVersion: "v1", kind: "K", name: "o", uid: "ou", isController: true)])
    }

    @Test func sendsOnlyWhatAClientMaySet() throws {
        var metadata = ObjectMetadata(
            name: "a", resourceVersion: "7", labels: ["b": "2", "a": "1"], finalizers: ["f"])
        metadata.uid = "u"
        metadata.creationTimestamp = Date()
        #expect(
            metadata.json.text()
                == #"{"name":"a","resourceVersion":"7","labels":{"a":"1","b":"2"},"finalizers":["f"]}"#)
    }

    @Test(arguments: [
        JSONValue.null, "x", ["name": 5], ["labels": []], ["labels": ["a": 1]], ["creationTimestamp": "yesterday"],
        ["creationTimestamp": 5], ["uid": [:]],
    ])
    func refusesMembersOfAnotherType(_ json: JSONValue) {
        #expect(throws: KubernetesError.self) { try ObjectMetadata(json: json) }
    }

    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0.0), ("2026-11-22T10:15:00Z", 1_795_342_500),
        ("2026-11-22T10:15:00.250000Z", 1_795_342_500.25),
        ("2024-02-29T23:59:60Z", 1_709_251_200), ("0001-01-01T00:00:00Z", -62_135_596_800),
        ("1900-03-01T00:00:00Z", -2_203_891_200),
    ])
    func readsTimes(_ text: String, _ seconds: Double) {
        #expect(Timestamp.rfc3339(text) == Date(timeIntervalSince1970: seconds))
    }

    @Test(arguments: [
        "", "2026-11-22", "2026-11-22T10:15:00", "2026-11-22T10:15:00+01:00", "2023-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-11-22T24:00:00Z", "2026-11-22T10:15:00.Z", "2026-11-22 10:15:00Z", "２０26-11-22T10:15:00Z",
        "2026-11-2210:15:00ZZ",
    ])
    func refusesWhatIsNoTime(_ text: String) {
        #expect(Timestamp.rfc3339(text) == nil)
    }
}
