import Foundation
import JSON

/// A `Lease` of the group `coordination.k8s.io`: who holds what it stands for.
struct Lease: KubernetesResource, Equatable {
    static let definition = ResourceDefinition(
        group: "coordination.k8s.io", version: "v1", plural: "leases", kind: "Lease")

    var metadata: ObjectMetadata
    /// Who holds it; `nil` = nobody.
    var holder: String?
    var durationSeconds: Int64
    /// When it was taken, and renewed last, by the holder's clock: for people only.
    var acquireTime: Date?
    var renewTime: Date?
    /// How often it changed hands.
    var transitions: Int64

    init(
        metadata: ObjectMetadata, holder: String?, durationSeconds: Int64, acquireTime: Date?, renewTime: Date?,
        transitions: Int64
    ) {
        self.metadata = metadata
        self.holder = holder
        self.durationSeconds = durationSeconds
        self.acquireTime = acquireTime
        self.renewTime = renewTime
        self.transitions = transitions
    }

    /// Reads a lease; times that cannot be read are left out, because nothing depends on them.
    init(json: JSONValue) throws(KubernetesError) {
        metadata = try ObjectMetadata(json: json["metadata"] ?? .null)
        let spec = json["spec"]
        // An empty holder is written by those that give it up.
        holder = spec?["holderIdentity"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
        durationSeconds = spec?["leaseDurationSeconds"]?.intValue ?? 0
        acquireTime = spec?["acquireTime"]?.stringValue.flatMap(Timestamp.rfc3339)
        renewTime = spec?["renewTime"]?.stringValue.flatMap(Timestamp.rfc3339)
        transitions = spec?["leaseTransitions"]?.intValue ?? 0
    }

    var json: JSONValue {
        var spec: JSONObject = [
            "holderIdentity": .string(holder ?? ""), "leaseDurationSeconds": .number(JSONNumber(durationSeconds)),
            "leaseTransitions": .number(JSONNumber(transitions)),
        ]
        // `MicroTime`: the server refuses any other number of digits.
        spec["acquireTime"] = acquireTime.map { .string(Timestamp.rfc3339($0, digits: 6)) }
        spec["renewTime"] = renewTime.map { .string(Timestamp.rfc3339($0, digits: 6)) }
        return ["metadata": metadata.json, "spec": .object(spec)]
    }
}
