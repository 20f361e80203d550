import Foundation

/// A TaskRun as Tekton's controller reads it.
struct TaskRun: Sendable {
    let value: Value

    init(_ value: Value) { self.value = value }

    var name: String { value.name }
    var podName: String { BuildpacksPipeline.podName(for: name) }

    /// The condition `Succeeded`; `nil` before the controller has seen it.
    private var condition: Value? { value.at("status", "conditions")?.array?.first { $0["type"] == "Succeeded" } }

    var hasEnded: Bool { condition.map { $0["status"] != "Unknown" } ?? false }
    var hasSucceeded: Bool { condition?["status"] == "True" }
    var isCancelled: Bool { condition?["reason"] == "TaskRunCancelled" }

    /// A parameter of the task.
    func parameter(_ name: String) -> String {
        value.at("spec", "params")?.array?.first { $0["name"]?.string == name }?["value"]?.string ?? ""
    }

    // MARK: What the controller does next

    enum Step: Equatable {
        case createPod
        /// Tell the first step of the pod that it may begin.
        case releasePod
        /// Delete the pod: its log goes with it.
        case deletePod
        /// Store that status.
        case write(Value)
    }

    /// - Parameter pod: Its pod; `nil` if there is none.
    func steps(pod: Value?, now: Date) -> [Step] {
        guard !hasEnded, !value.isBeingDeleted else { return [] }
        if value.at("spec", "status") == "TaskRunCancelled" {
            let reason = value.at("spec", "statusMessage")?.string ?? ""
            let message = "TaskRun \(name.goQuoted) was cancelled. \(reason)"
            return [.write(terminated("TaskRunCancelled", message, pod: pod, at: now)), .deletePod]
        }
        guard let pod else { return [.createPod] }
        if let failure = imagePullFailure(in: pod) {
            return [.write(terminated("TaskRunImagePullFailed", failure, pod: pod, at: now)), .deletePod]
        }
        let status = status(from: pod, at: now)
        var steps: [Step] = status == value["status"] ? [] : [.write(status)]
        if pod.at("status", "phase") == "Running", pod.at("metadata", "annotations", "tekton.dev/ready") == nil {
            steps.append(.releasePod)
        }
        return steps
    }

    // MARK: Its status

    /// The status that follows from the pod.
    func status(from pod: Value, at time: Date) -> Value {
        var status = started(at: time)
        status["podName"] = .string(pod.name)
        let containers = pod.containerStatuses
        status["steps"] = .array(
            BuildpacksPipeline.steps.map { step in
                StepState(step: step, status: containers.first { $0["name"]?.string == "step-" + step }).value
            })
        let (succeeded, reason, message) = outcome(of: pod)
        status["conditions"] = condition(succeeded, reason, message, at: time)
        guard succeeded != "Unknown" else { return status }
        status["completionTime"] = .string(time.timestamp)
        status["artifacts"] = [:]
        let results = StepState.results(in: containers)
        if succeeded == "True", !results.isEmpty { status["results"] = .array(results) }
        return status
    }

    /// The status of a TaskRun that is ended from outside: the steps that still ran are said to be terminated.
    private func terminated(_ reason: String, _ message: String, pod: Value?, at time: Date) -> Value {
        var status = pod.map { self.status(from: $0, at: time) } ?? value["status"] ?? started(at: time)
        if let steps = status["steps"]?.array {
            status["steps"] = .array(
                steps.map { step in
                    guard step["terminated"] == nil else { return step }
                    var step = step
                    let text = "Step \(step["name"]?.string ?? "") terminated as pod \(podName) is terminated"
                    step["terminated"] = [
                        "exitCode": 1, "finishedAt": .string(time.timestamp), "message": .string(text),
                        "reason": .string(reason),
                        "startedAt": step.at("running", "startedAt") ?? value.at("metadata", "creationTimestamp")
                            ?? .string(time.timestamp),
                    ]
                    step["terminationReason"] = .string(reason)
                    for key in ["running", "waiting"] { step[key] = nil }
                    return step
                })
        }
        for key in ["artifacts", "results"] { status[key] = nil }
        status["completionTime"] = .string(time.timestamp)
        status["conditions"] = condition("False", reason, message, at: time)
        return status
    }

    private func started(at time: Date) -> Value {
        var status = value["status"] ?? [:]
        if status["startTime"] == nil { status["startTime"] = .string(time.timestamp) }
        // The real one's status names a pod from the start, as "".
        if status["podName"] == nil { status["podName"] = "" }
        status["provenance"] = BuildpacksPipeline.provenance
        status["taskSpec"] = substitutedTask
        return status
    }

    /// The task with its parameters and the paths of its results put in.
    private var substitutedTask: Value {
        func substituted(_ value: Value) -> Value {
            switch value {
            case .string(var text):
                for name in ["url", "ref", "image"] {
                    text = text.replacing("$(params.\(name))", with: parameter(name))
                }
                return .string(text.replacing(/\$\(results\.(\w+)\.path\)/) { "/tekton/results/\($0.1)" })
            case .array(let elements): return .array(elements.map(substituted))
            case .object(let members): return .object(members.mapValues(substituted))
            case .null, .bool, .int, .double: return value
            }
        }
        return substituted(value.at("spec", "taskSpec") ?? [:])
    }

    /// The condition stays as it is, with its time, as long as nothing of it changes.
    private func condition(_ status: String, _ reason: String, _ message: String, at time: Date) -> Value {
        var new: Value = [
            "type": "Succeeded", "status": .string(status), "reason": .string(reason), "message": .string(message),
        ]
        let old = condition
        new["lastTransitionTime"] = old?["lastTransitionTime"]
        return [new == old ? new : new.with("lastTransitionTime", .string(time.timestamp))]
    }

    private func outcome(of pod: Value) -> (succeeded: String, reason: String, message: String) {
        let containers = pod.containerStatuses
        func failure(_ container: Value) -> String {
            let state = container.at("state", "terminated") ?? [:]
            return "\((container["name"]?.string ?? "").goQuoted) exited with code \(state["exitCode"]?.int ?? 0): "
                + (state["reason"]?.string ?? "")
        }
        // Out of memory is noticed at once; other failures when the pod has ended.
        if let killed = containers.first(where: { $0.at("state", "terminated", "reason") == "OOMKilled" }) {
            return ("False", "StepOOM", failure(killed))
        }
        switch pod.at("status", "phase")?.string {
        case "Succeeded": return ("True", "Succeeded", "All Steps have completed executing")
        case "Failed":
            if pod.at("status", "reason") == "Evicted" {
                return ("False", "PodEvicted", pod.at("status", "message")?.string ?? "")
            }
            let failed = containers.first { container in
                container.at("state", "terminated", "exitCode").map { $0 != 0 } ?? false
                    && StepState.terminationReason(of: container) != "Skipped"
            }
            return ("False", "StepFailed", failed.map(failure) ?? "failed")
        case "Running": return ("Unknown", "Running", "Not all Steps in the Task have finished executing")
        default: return ("Unknown", pending(pod).reason, pending(pod).message)
        }
    }

    private func pending(_ pod: Value) -> (reason: String, message: String) {
        let conditions = pod.at("status", "conditions")?.array ?? []
        if conditions.contains(where: { $0["reason"] == "Unschedulable" }) {
            return ("ExceededNodeResources", "TaskRun Pod exceeded available resources")
        }
        guard let open = conditions.first(where: { $0["status"] != "True" }) else { return ("Pending", "Pending") }
        return (
            "Pending",
            "pod status \((open["type"]?.string ?? "").goQuoted):\((open["status"]?.string ?? "").goQuoted); "
                + "message: \((open["message"]?.string ?? "").goQuoted)"
        )
    }

    /// What the kubelet says of an image that it gave up to pull, if it did.
    private func imagePullFailure(in pod: Value) -> String? {
        guard
            let container = pod.containerStatuses
                .first(where: { $0.at("state", "waiting", "reason") == "ImagePullBackOff" })
        else { return nil }
        let step = (container["name"]?.string ?? "").trimmingPrefix("step-")
        return
            "the step \(String(step).goQuoted) in TaskRun \(name.goQuoted) failed to pull the image \"\". The pod errored "
            + "with the message: \"\(container.at("state", "waiting", "message")?.string ?? "").\""
    }
}

extension Value {
    var containerStatuses: [Value] { at("status", "containerStatuses")?.array ?? [] }

    fileprivate func with(_ key: String, _ value: Value) -> Value {
        var result = self
        result[key] = value
        return result
    }
}

/// A step in the status of a TaskRun, from the state of its container.
struct StepState {
    let step: String
    /// The container's status; `nil` if the pod does not have it yet.
    let status: Value?

    var value: Value {
        var value: Value = ["name": .string(step)]
        guard let status else { return value }
        value["container"] = status["name"]
        if let image = status["imageID"]?.string, !image.isEmpty { value["imageID"] = .string(image) }
        if let waiting = status.at("state", "waiting") { value["waiting"] = waiting }
        if let running = status.at("state", "running") { value["running"] = running }
        if var terminated = status.at("state", "terminated") {
            if let message = Self.entries(of: status) {
                // The entrypoint's own entries are taken out of the message; results stay.
                let results = message.filter { $0["type"] == 1 }
                terminated["message"] = results.isEmpty ? nil : .string(Self.text(of: results))
                if let start = message.first(where: { $0["key"] == "StartedAt" })?["value"]?.string {
                    terminated["startedAt"] = .string(String(start.prefix(19)) + "Z")
                }
                value["terminationReason"] = Self.terminationReason(of: status).map { .string($0) }
            }
            value["terminated"] = terminated
        }
        if value["terminated"] != nil, value["terminationReason"] == "Completed" { value["provenance"] = [:] }
        return value
    }

    /// What the entrypoint wrote when the step ended; `nil` if it wrote nothing, or something else.
    private static func entries(of status: Value) -> [Value]? {
        guard let message = status.at("state", "terminated", "message")?.string else { return nil }
        return (try? Value(parsing: Array(message.utf8)))?.array
    }

    /// Such as `Completed`, `Error` or `Skipped`; `nil` if the entrypoint wrote nothing.
    static func terminationReason(of status: Value) -> String? {
        guard let entries = Self.entries(of: status) else { return nil }
        return (entries.first { $0["key"] == "Reason" }?["value"] ?? status.at("state", "terminated", "reason"))?.string
    }

    /// The results that the steps wrote, in the order of their names.
    static func results(in statuses: [Value]) -> [Value] {
        let written = statuses.flatMap { Self.entries(of: $0) ?? [] }.filter { $0["type"] == 1 }
        let results = written.map { entry -> Value in
            ["name": entry["key"] ?? "", "type": "string", "value": entry["value"] ?? ""]
        }
        return results.sorted { left, right in
            (left["name"]?.string ?? "").isBeforeInBytes(right["name"]?.string ?? "")
        }
    }

    /// Entries as the entrypoint writes them.
    static func text(of entries: [Value]) -> String {
        let texts = entries.map { entry -> String in
            let (key, value, type) = (entry["key"] ?? "", entry["value"] ?? "", entry["type"] ?? 3)
            return "{\"key\":\(key.text),\"value\":\(value.text),\"type\":\(type.text)}"
        }
        return "[\(texts.joined(separator: ","))]"
    }
}
