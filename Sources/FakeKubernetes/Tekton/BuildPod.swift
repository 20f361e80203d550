import Foundation

extension TaskRun {
    /// The pod that is created for it: one container for each step.
    var pod: Value {
        var labels = value.at("metadata", "labels") ?? [:]
        labels["tekton.dev/taskRun"] = .string(name)
        labels["tekton.dev/taskRunUID"] = .string(value.uid)
        let account = value.at("spec", "serviceAccountName") ?? "default"
        return [
            "apiVersion": "v1", "kind": "Pod",
            "metadata": [
                "name": .string(podName), "namespace": value.at("metadata", "namespace") ?? "", "labels": labels,
                "annotations": value.at("metadata", "annotations") ?? [:], "ownerReferences": [value.ownerReference],
            ],
            "spec": [
                "volumes": [
                    ["name": "tekton-internal-bin", "emptyDir": [:]],
                    ["name": "tekton-internal-steps", "emptyDir": [:]],
                    ["name": "ws-source", "emptyDir": [:]],
                ],
                "initContainers": [
                    container(
                        "prepare", image: "e",
                        command: ["/ko-app/entrypoint", "init", "/ko-app/entrypoint", "/tekton/bin/entrypoint"],
                        arguments: [])
                ],
                "containers": .array(
                    BuildpacksPipeline.steps.enumerated().map { index, step in
                        let specification = value.at("spec", "taskSpec", "steps")?.array?
                            .first { $0["name"]?.string == step }
                        let command = (specification?["command"]?.array ?? []).compactMap(\.string)
                        let gate = index == 0 ? "/tekton/downward/ready" : "/tekton/run/\(index - 1)/out"
                        return container(
                            "step-" + step, image: specification?["image"] ?? "",
                            command: ["/tekton/bin/entrypoint"],
                            arguments: [
                                "-wait_file", gate, "-post_file", "/tekton/run/\(index)/out", "-termination_path",
                                "/tekton/termination", "-entrypoint", command.first ?? "", "--",
                            ] + command.dropFirst())
                    }),
                "restartPolicy": "Never", "terminationGracePeriodSeconds": 30, "activeDeadlineSeconds": 5400,
                "dnsPolicy": "ClusterFirst", "serviceAccountName": account, "serviceAccount": account,
                "securityContext": [:], "schedulerName": "default-scheduler", "priority": 0, "enableServiceLinks": true,
                "preemptionPolicy": "PreemptLowerPriority",
            ],
            "status": ["phase": "Pending", "qosClass": "BestEffort"],
        ]
    }

    private func container(_ name: String, image: Value, command: [String], arguments: [String]) -> Value {
        var container: Value = [
            "name": .string(name), "image": image, "command": .array(command.map { .string($0) }), "resources": [:],
            "terminationMessagePath": "/tekton/termination", "terminationMessagePolicy": "File",
            "imagePullPolicy": "IfNotPresent",
        ]
        if !arguments.isEmpty { container["args"] = .array(arguments.map { .string($0) }) }
        return container
    }
}

/// The states that a build's pod goes through, as the kubelet writes them.
struct BuildPod {
    private(set) var value: Value

    init(_ value: Value) { self.value = value }

    /// One container's end.
    struct Exit: Sendable, Equatable {
        var code: Int64 = 0
        var reason = "Completed"
        /// What it leaves as its termination message; `nil`: the entrypoint's entries.
        var message: String?
        /// Entries of type 1 that a task's results are made of.
        var results: [Value] = []
    }

    private func condition(_ type: String) -> Value? {
        value.at("status", "conditions")?.array?.first { $0["type"]?.string == type }
    }

    private mutating func setConditions(_ statuses: [(type: String, status: String)], at time: Date) {
        let conditions = statuses.map { type, status -> Value in
            if let old = condition(type), old["status"]?.string == status { return old }
            return [
                "type": .string(type), "status": .string(status), "lastProbeTime": .null,
                "lastTransitionTime": .string(time.timestamp),
            ]
        }
        value.set(.array(conditions), at: "status", "conditions")
    }

    mutating func bind(to node: String, at time: Date) {
        value.set(.string(node), at: "spec", "nodeName")
        setConditions([("PodScheduled", "True")], at: time)
    }

    mutating func cannotBeScheduled(at time: Date) {
        setConditions([("PodScheduled", "False")], at: time)
        var conditions = value.at("status", "conditions")?.array ?? []
        conditions[0]["reason"] = "Unschedulable"
        conditions[0]["message"] = "0/1 nodes are available: 1 Insufficient memory."
        value.set(.array(conditions), at: "status", "conditions")
    }

    /// The node has taken it; its first container prepares the others.
    mutating func prepare(at time: Date) {
        setConditions(
            [("Initialized", "False"), ("Ready", "False"), ("ContainersReady", "False"), ("PodScheduled", "True")],
            at: time)
        value.set("127.0.0.1", at: "status", "hostIP")
        value.set(.string(time.timestamp), at: "status", "startTime")
        setContainers("initContainerStatuses", "initContainers") { _ in
            ["running": ["startedAt": .string(time.timestamp)]]
        }
        setContainers("containerStatuses", "containers") { _ in ["waiting": ["reason": "PodInitializing"]] }
    }

    /// All steps run, whichever it is that works.
    mutating func begin(at time: Date) {
        setConditions(
            [("Initialized", "True"), ("Ready", "True"), ("ContainersReady", "True"), ("PodScheduled", "True")],
            at: time)
        value.set("Running", at: "status", "phase")
        let start = value.at("status", "startTime") ?? ""
        setContainers("initContainerStatuses", "initContainers") { _ in
            [
                "terminated": [
                    "exitCode": 0, "reason": "Completed", "startedAt": start, "finishedAt": .string(time.timestamp),
                ]
            ]
        }
        setContainers("containerStatuses", "containers") { _ in ["running": ["startedAt": .string(time.timestamp)]] }
    }

    /// The image of the first step cannot be pulled.
    mutating func cannotPull(hasGivenUp: Bool) {
        let image = value.at("spec", "containers")?[0]?["image"]?.string ?? ""
        let failure = "failed to pull and unpack image \(image.goQuoted): not found"
        setContainers("containerStatuses", "containers") { index in
            guard index == 0 else { return ["waiting": ["reason": "PodInitializing"]] }
            return hasGivenUp
                ? [
                    "waiting": [
                        "reason": "ImagePullBackOff",
                        "message": .string("Back-off pulling image \(image.goQuoted): ErrImagePull: \(failure)"),
                    ]
                ] : ["waiting": ["reason": "ErrImagePull", "message": .string(failure)]]
        }
    }

    /// A step has ended.
    ///
    /// - Parameter start: When the step itself began, which the entrypoint writes down.
    mutating func end(_ step: String, _ exit: Exit, from start: Date, at time: Date) {
        let entries: [Value] =
            exit.results.map { ["key": $0["key"] ?? "", "value": $0["value"] ?? "", "type": 1] }
            + [["key": "StartedAt", "value": .string("\(start.timestamp.dropLast()).000Z"), "type": 3]]
        terminate("step-" + step, exit, message: exit.message ?? StepState.text(of: entries), at: time)
    }

    /// The pod has ended, after the last of its steps did.
    ///
    /// - Parameter failure: How the steps end that have not: by default those behind a failed one, which are skipped.
    mutating func finish(succeeded: Bool, others failure: Exit? = nil, at time: Date) {
        for container in value.containerStatuses where container.at("state", "terminated") == nil {
            let name = container["name"]?.string ?? ""
            let skipped = StepState.text(of: [["key": "Reason", "value": "Skipped", "type": 3]])
            terminate(
                name, failure ?? Exit(code: 1, reason: "Error"), message: failure == nil ? skipped : nil, at: time)
        }
        setConditions(
            [("Initialized", "True"), ("Ready", "False"), ("ContainersReady", "False"), ("PodScheduled", "True")],
            at: time)
        value.set(succeeded ? "Succeeded" : "Failed", at: "status", "phase")
    }

    /// The node has no memory left for it.
    mutating func evict(at time: Date) {
        finish(succeeded: false, others: Exit(code: 137, reason: "Error"), at: time)
        value.set("Evicted", at: "status", "reason")
        value.set(
            "The node was low on resource: memory. Threshold quantity: 100Mi, available: 55Mi. ", at: "status",
            "message")
    }

    private mutating func terminate(_ container: String, _ exit: Exit, message: String?, at time: Date) {
        var statuses = value.containerStatuses
        for index in statuses.indices where statuses[index]["name"]?.string == container {
            var terminated: Value = [
                "exitCode": .int(exit.code), "reason": .string(exit.reason), "finishedAt": .string(time.timestamp),
                "startedAt": statuses[index].at("state", "running", "startedAt") ?? .string(time.timestamp),
            ]
            terminated["message"] = message.map { .string($0) }
            statuses[index]["state"] = ["terminated": terminated]
            statuses[index]["ready"] = false
            statuses[index]["started"] = false
        }
        value.set(.array(statuses), at: "status", "containerStatuses")
    }

    private mutating func setContainers(_ statuses: String, _ containers: String, state: (Int) -> Value) {
        let all = value.at("spec", containers)?.array ?? []
        value.set(
            .array(
                all.enumerated().map { index, container in
                    let image = container["image"]?.string ?? ""
                    let state = state(index)
                    let runs = state["running"] != nil
                    return [
                        "name": container["name"] ?? "", "state": state, "lastState": [:], "ready": .bool(runs),
                        "restartCount": 0, "image": .string(image), "started": .bool(runs),
                        "imageID": state["waiting"] == nil ? .string("\(image)@sha256:\(Self.digest(of: image))") : "",
                        "containerID": state["waiting"] == nil
                            ? .string("containerd://\(Self.digest(of: value.uid + statuses + "\(index)"))") : "",
                    ]
                }), at: "status", statuses)
    }

    /// Something that looks like a SHA-256 digest, and is the same for the same text.
    static func digest(of text: String) -> String { MD5.hexadecimal(of: text) + MD5.hexadecimal(of: text + "+") }
}
