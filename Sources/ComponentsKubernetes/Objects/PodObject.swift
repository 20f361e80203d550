import JSON
import Kubernetes

/// A pod, of which only the ends of its containers are read.
struct PodObject: KubernetesResource {
    static let definition = ResourceDefinition(group: "", version: "v1", plural: "pods", kind: "Pod")

    let metadata: ObjectMetadata
    let json: JSONValue

    init(json: JSONValue) throws(KubernetesError) {
        metadata = try ObjectMetadata(json: json["metadata"] ?? .null)
        self.json = json
    }

    /// The exit codes of the containers that have ended, by name; one that never began has ended when its pod has.
    var exitCodes: [String: Int] {
        let hasEnded = ["Succeeded", "Failed"].contains(json["status"]?["phase"]?.stringValue ?? "")
        var codes: [String: Int] = [:]
        for status in json["status"]?["containerStatuses"]?.arrayValue ?? [] {
            guard let name = status["name"]?.stringValue else { continue }
            if let ended = status["state"]?["terminated"] {
                codes[name] = ended["exitCode"]?.intValue.map(Int.init) ?? 0
            } else if hasEnded, status["state"]?["running"] == nil {
                codes[name] = 0
            }
        }
        return codes
    }
}
