import JSON
import Kubernetes

/// A Tekton `TaskRun`, the one task of a build: its status says how each step ended.
struct TaskRunObject: KubernetesResource {
    static let definition = ResourceDefinition(group: "tekton.dev", version: "v1", plural: "taskruns", kind: "TaskRun")

    /// One step of the task, as the status has it.
    struct Step: Equatable {
        /// The step's name in the task, such as `build`.
        var name: String
        /// Its container in the pod: `step-<name>`, hashed where that is too long; `nil` before the pod is there.
        var container: String?
        /// Whether its container is known not to have begun.
        var isWaiting: Bool
        /// How it ended; `nil` if the status does not say that it did.
        var end: End?

        /// How a step ended.
        struct End: Equatable {
            var exitCode: Int
            /// The container's reason, such as `Completed`, `Error`, `OOMKilled`.
            var reason: String
            /// Tekton's reason, such as `Completed`, `Error`, `Skipped`; `nil` if its entrypoint left none.
            var terminationReason: String?
            /// What the step left as its termination message; the results are in it as well.
            var message: String
        }
    }

    let metadata: ObjectMetadata
    let status: JSONValue?

    init(json: JSONValue) throws(KubernetesError) {
        metadata = try ObjectMetadata(json: json["metadata"] ?? .null)
        status = json["status"]
    }

    var json: JSONValue { ["metadata": metadata.json] }

    /// Whether Tekton made it for that run, and not for another one that has its name.
    func belongs(to run: String) -> Bool {
        metadata.labels["tekton.dev/pipelineRun"].map { $0.utf8.elementsEqual(run.utf8) } ?? false
    }

    /// Its condition `Succeeded`; `nil` before the controller has seen it.
    var condition: TektonCondition? { TektonCondition(in: status) }

    /// The name of its pod; `nil` before there is one: the status says `""` then.
    var podName: String? { status?["podName"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 } }

    /// Its steps, in their order.
    var steps: [Step] {
        (status?["steps"]?.arrayValue ?? []).compactMap { step in
            guard let name = step["name"]?.stringValue else { return nil }
            let container = step["container"]?.stringValue
            return Step(
                name: name, container: container, isWaiting: container == nil || step["waiting"] != nil,
                end: step["terminated"].flatMap { Step.End($0, terminationReason: step["terminationReason"]) })
        }
    }
}

extension TaskRunObject.Step.End {
    fileprivate init?(_ terminated: JSONValue, terminationReason: JSONValue?) {
        guard let code = terminated["exitCode"]?.intValue.flatMap(Int.init(exactly:)) else { return nil }
        self.init(
            exitCode: code, reason: terminated["reason"]?.stringValue ?? "",
            terminationReason: terminationReason?.stringValue, message: terminated["message"]?.stringValue ?? "")
    }
}

/// The condition `Succeeded` that Tekton's runs have: `Unknown` until they end, then `True` or `False`.
struct TektonCondition: Equatable {
    /// `True`, `False` or `Unknown`.
    var status: String
    /// A word for programs.
    var reason: String
    /// A sentence.
    var message: String

    /// The condition in a run's status; `nil` if it has none.
    init?(in status: JSONValue?) {
        let conditions = status?["conditions"]?.arrayValue ?? []
        guard let condition = conditions.first(where: { $0["type"]?.stringValue == "Succeeded" }) else { return nil }
        self.status = condition["status"]?.stringValue ?? "Unknown"
        reason = condition["reason"]?.stringValue ?? ""
        message = condition["message"]?.stringValue ?? ""
    }
}
