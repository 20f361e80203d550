import Foundation
import Testing

@testable import FakeKubernetes

/// What the second set of recordings had brought about between its exchanges: by other clients, by Tekton, or by a kubelet.
extension RecordingPlayer {
    private var store: ClusterStore { client.cluster.api.store }

    private static let runs = ResourceDefinition.pipelineRuns
    private static let taskRuns = ResourceDefinition.taskRuns
    private static let pods = ResourceDefinition.pods
    private static let prefix = "demo-buildpacks-pipelinerun-"

    mutating func prepareSecondSet(for exchange: NumberedExchange) async throws {
        switch exchange.file {
        case "watch2": try prepareWatch(exchange)
        case "leases2": try await prepareLease(exchange)
        case "taskruns": try await prepareTaskRun(exchange)
        case "pods": try preparePod(exchange)
        case "gc": try await prepareCollection(exchange)
        case "admission": try prepareAdmission(exchange)
        default: break
        }
    }

    // MARK: The store

    /// Puts an object into the store as it was recorded, with its uid, past all checks; and its owners, if they are missing.
    private func place(_ object: Value, as resource: GroupResource) throws {
        var value = replay.renamed(object)
        for key in ["resourceVersion", "managedFields"] { value.set(nil, at: "metadata", key) }
        let kinds = [
            Self.runs: ("tekton.dev/v1", "PipelineRun"), Self.taskRuns: ("tekton.dev/v1", "TaskRun"),
            Self.pods: ("v1", "Pod"),
        ]
        if let (apiVersion, kind) = kinds[resource] {
            value["apiVersion"] = .string(apiVersion)
            value["kind"] = .string(kind)
        }
        let placed = value
        try store.write { state throws(StatusError) in
            for owner in placed.at("metadata", "ownerReferences")?.array ?? [] {
                let ownerResource = owner["kind"] == "TaskRun" ? Self.taskRuns : Self.runs
                let name = owner["name"]?.string ?? ""
                guard
                    state.object(ownerResource, namespace: placed.namespace, name: name)?.value.uid
                        != owner["uid"]?.string
                else { continue }
                try state.store(
                    [
                        "apiVersion": owner["apiVersion"] ?? "", "kind": owner["kind"] ?? "",
                        "metadata": [
                            "name": .string(name), "namespace": .string(placed.namespace ?? ""),
                            "uid": owner["uid"] ?? "",
                        ],
                    ], as: ownerResource)
            }
            _ = try state.store(placed, as: resource)
        }
    }

    private func stored(_ resource: GroupResource, _ name: String, in namespace: String = "rec-builds") -> Value? {
        client.cluster.object(group: resource.group, resource: resource.resource, namespace: namespace, name: name)
    }

    private func change(_ resource: GroupResource, _ name: String, _ change: (inout Value) -> Void) throws {
        guard var value = stored(resource, name) else { return }
        change(&value)
        try place(value, as: resource)
    }

    private func remove(_ resource: GroupResource, _ name: String) throws {
        try store.write { state throws(StatusError) in
            guard let object = state.object(resource, namespace: "rec-builds", name: name) else { return }
            state.remove(object, from: resource)
        }
    }

    private var version: Value {
        let version = try? store.read { state throws(StatusError) in state.resourceVersion }
        return .string(String(version ?? 0))
    }

    /// Makes the store show what the recorded response to a get or a list of builds shows.
    private func show(_ exchange: NumberedExchange) throws {
        guard exchange.method == "GET", case .resource(let path) = APIPath(exchange.path.prefix { $0 != "?" }) else {
            return
        }
        let resource = path.groupResource
        guard [Self.runs, Self.taskRuns, Self.pods].contains(resource), path.subresource == nil else { return }
        if let name = path.name {
            if exchange.status == 200 { try merge(exchange.answer, into: resource, name) }
            return
        }
        guard exchange.status == 200, !exchange.path.contains("watch=1") else { return }
        let items = exchange.answer["items"]?.array ?? []
        let selector = exchange.path.split(separator: "%3D").last.map(String.init) ?? ""
        for object in client.cluster.objects(
            group: resource.group, resource: resource.resource, namespace: "rec-builds")
        where object.at("metadata", "labels", "tekton.dev/pipelineRun")?.string == selector {
            if !items.contains(where: { $0.name == object.name }) { try remove(resource, object.name) }
        }
        for item in items { try merge(item, into: resource, item.name) }
    }

    /// Stores an object, or only its metadata where that is all that was recorded.
    private func merge(_ object: Value, into resource: GroupResource, _ name: String) throws {
        guard object["kind"] == "PartialObjectMetadata" else { return try place(object, as: resource) }
        var value = stored(resource, name) ?? [:]
        value["metadata"] = object["metadata"]
        try place(value, as: resource)
    }

    // MARK: watch2

    private mutating func prepareWatch(_ exchange: NumberedExchange) throws {
        let events = exchange.answer.array ?? []
        switch exchange.index {
        case 1:
            for event in events.prefix(3) { try place(event["object"] ?? [:], as: Self.runs) }
            // It leaves the selection, and comes back.
            var other = events[2]["object"] ?? [:]
            other.set("other", at: "metadata", "labels", "user")
            try place(other, as: Self.runs)
            try place(events[4]["object"] ?? [:], as: Self.runs)
            try remove(Self.runs, Self.prefix + "w1")
        case 3:
            // The recording shows the two runs in full only later.
            for event in try NumberedExchange.read("watch2")[7].answer.array ?? [] {
                try place(event["object"] ?? [:], as: Self.runs)
            }
        case 8, 9, 10:
            if exchange.index == 9 {
                replay.learn(recorded: ["resourceVersion": "1527"], actual: ["resourceVersion": version])
            }
            let object = events[0]["object"] ?? [:]
            let metadata = object["metadata"]?["name"] != nil ? object : object["rows"]?[0]?["object"] ?? [:]
            try change(Self.runs, Self.prefix + "w3") {
                $0.set(metadata.at("metadata", "annotations"), at: "metadata", "annotations")
            }
        case 11: replay.learn(recorded: ["resourceVersion": "1530"], actual: ["resourceVersion": version])
        case 23:
            let text = "Too many requests, please try again later.\n"
            try client.cluster.setFaults([
                ["action": ["status": 429, "text": .string(text), "headers": ["Retry-After": "2"]]]
            ])
        case 26: client.cluster.clearFaults()
        default: break
        }
    }

    // MARK: leases2

    private func prepareLease(_ exchange: NumberedExchange) async throws {
        guard exchange.index == 24 else { return }
        let path = exchange.path.prefix { $0 != "?" } + "/components-api"
        let answer = try await client.send(
            "PATCH", String(path), ["spec": ["holderIdentity": "d-1"]], type: "application/merge-patch+json")
        #expect(answer?.status == 200)
    }

    // MARK: taskruns

    private mutating func prepareTaskRun(_ exchange: NumberedExchange) async throws {
        switch (exchange.method, exchange.index) {
        case ("PATCH", 64): break
        case ("PATCH", 65):
            try change(Self.runs, Self.prefix + "pend2") {
                $0.set("2026-11-29T18:21:10Z", at: "status", "startTime")
            }
        case ("PATCH", _):
            // The run as it was before the change.
            var run = exchange.answer
            run.set(
                exchange.body["spec"]?["status"]?.string == nil ? "PipelineRunPending" : nil, at: "spec", "status")
            run.set(1, at: "metadata", "generation")
            try place(run, as: Self.runs)
        case ("DELETE", 20), ("DELETE", 25):
            var pod = exchange.answer
            for key in ["deletionTimestamp", "deletionGracePeriodSeconds"] { pod.set(nil, at: "metadata", key) }
            pod.set(1, at: "metadata", "generation")
            try place(pod, as: Self.pods)
        case ("DELETE", _): try placeBuild(for: exchange)
        case ("GET", 67), ("GET", 71), ("GET", 79), ("GET", 80), ("GET", 81): break
        case ("GET", 76):
            // What held the run until its first get.
            try change(Self.taskRuns, Self.prefix + "del3-build-from-git") { $0.set(nil, at: "metadata", "finalizers") }
            try remove(Self.taskRuns, Self.prefix + "del3-build-from-git")
            try await wait { stored(Self.runs, Self.prefix + "del3") == nil }
        case ("GET", 75): break
        case ("GET", 68), ("GET", 69), ("GET", 72), ("GET", 73), ("GET", 77):
            let run = Self.prefix + "del\([68: 1, 69: 1, 72: 2, 73: 2, 77: 3][exchange.index] ?? 0)"
            try await wait {
                stored(Self.taskRuns, "\(run)-build-from-git") == nil
                    && stored(Self.pods, "\(run)-build-from-git-pod") == nil
            }
        case ("GET", _): try show(exchange)
        default: break
        }
    }

    /// A running build with a TaskRun and a pod, for a delete; its pod is on no node, since no kubelet is played.
    private func placeBuild(for exchange: NumberedExchange) throws {
        let all = try NumberedExchange.read("taskruns")
        let name = String(exchange.path.split(separator: "/").last ?? "")
        var run = exchange.answer["kind"] == "PipelineRun" ? exchange.answer : all[2].answer
        run.set(.string(name), at: "metadata", "name")
        run.set(exchange.answer.at("details", "uid") ?? run.at("metadata", "uid"), at: "metadata", "uid")
        run.set(1, at: "metadata", "generation")
        for key in ["deletionTimestamp", "deletionGracePeriodSeconds", "finalizers"] {
            run.set(nil, at: "metadata", key)
        }
        try place(run, as: Self.runs)
        var taskRun = all[82].answer
        var pod: Value = ["metadata": all[81].answer["items"]?[0]?["metadata"] ?? [:], "spec": [:]]
        if !name.hasSuffix("del4") {
            taskRun.set(.string("t-\(name)"), at: "metadata", "uid")
            pod.set(.string("p-\(name)"), at: "metadata", "uid")
        }
        taskRun.set(.string("\(name)-build-from-git"), at: "metadata", "name")
        pod.set(.string("\(name)-build-from-git-pod"), at: "metadata", "name")
        taskRun.set([run.ownerReference], at: "metadata", "ownerReferences")
        taskRun.set(.string(name), at: "metadata", "labels", "tekton.dev/pipelineRun")
        pod.set(.string(name), at: "metadata", "labels", "tekton.dev/pipelineRun")
        taskRun["apiVersion"] = "tekton.dev/v1"
        taskRun["kind"] = "TaskRun"
        if name.hasSuffix("del3") { taskRun.set(["example.org/held"], at: "metadata", "finalizers") }
        pod.set([taskRun.ownerReference], at: "metadata", "ownerReferences")
        try place(taskRun, as: Self.taskRuns)
        try place(pod, as: Self.pods)
    }

    /// Waits for the garbage collector.
    private func wait(until isReached: () -> Bool) async throws {
        while !isReached() {
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    // MARK: pods

    private func preparePod(_ exchange: NumberedExchange) throws {
        let name = Self.prefix + "logs-build-from-git-pod"
        let recorded = try NumberedExchange.read("pods")
        func place(_ pod: Value, _ states: [String: Value], as name: String) throws {
            var pod = pod
            pod.set(.string(name), at: "metadata", "name")
            for (list, state) in states {
                let statuses = (pod.at("status", list)?.array ?? []).map { status -> Value in
                    var status = status
                    status["state"] = state
                    return status
                }
                pod.set(.array(statuses), at: "status", list)
            }
            pod.set(nil, at: "metadata", "ownerReferences")
            if name.contains("-logs-") {
                pod.set(
                    recorded[3].answer["items"]?[0]?.at("metadata", "ownerReferences"), at: "metadata",
                    "ownerReferences")
            }
            try self.place(pod, as: Self.pods)
        }
        let running = recorded[3].answer["items"]?[0] ?? [:]
        let waiting: Value = ["waiting": ["reason": "PodInitializing"]]
        switch exchange.index {
        case 0: try place(running, ["containerStatuses": waiting], as: name)
        case 2: try self.place(running, as: Self.pods)
        case 4: try show(exchange)
        case 7:
            let container = PodLogs.Container(podUID: running.uid, name: "step-build")
            for line in exchange.answer.string?.split(separator: "\n") ?? [] {
                let halves = line.split(separator: " ", maxSplits: 1)
                let time = try #require(
                    try? Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(
                        String(halves[0].prefix(23)) + "Z"))
                store.logs.append(String(halves[1]), to: container, at: time + 0.000395)
            }
            store.logs.end(container)
            var ended = recorded[35].answer
            for key in ["deletionTimestamp", "deletionGracePeriodSeconds"] { ended.set(nil, at: "metadata", key) }
            ended.set(1, at: "metadata", "generation")
            try self.place(ended, as: Self.pods)
        case 38:
            try place(
                running, ["containerStatuses": ["waiting": ["reason": "ErrImagePull"]]],
                as: Self.prefix + "image-build-from-git-pod")
        case 39:
            var held = running
            held.set(nil, at: "spec", "nodeName")
            try place(held, [:], as: Self.prefix + "hold-build-from-git-pod")
        case 46:
            try place(running, ["initContainerStatuses": waiting], as: Self.prefix + "init-build-from-git-pod")
        default: break
        }
    }

    // MARK: gc

    private mutating func prepareCollection(_ exchange: NumberedExchange) async throws {
        let recorded = try NumberedExchange.read("gc")
        switch exchange.index {
        case 0:
            let full = recorded[1].answer["items"]?.array ?? []
            for item in full { try place(item, as: Self.runs) }
            for list in [3, 4] {
                var run = full[0]
                run["metadata"] = recorded[list].answer["items"]?[0]?["metadata"]
                try place(run, as: Self.runs)
            }
        case 7:
            var run = recorded[12].answer
            run["metadata"] = [
                "name": .string(Self.prefix + "pre"), "namespace": "rec-builds",
                "uid": recorded[9].answer.at("details", "uid") ?? "",
            ]
            run["status"] = nil
            try place(run, as: Self.runs)
            replay.learn(recorded: ["resourceVersion": "1575"], actual: ["resourceVersion": version])
            try place(run, as: Self.runs)
            replay.learn(recorded: ["resourceVersion": "1578"], actual: ["resourceVersion": version])
        case 12:
            let after = exchange.answer
            try change(Self.runs, Self.prefix + "fin") { run in
                run.set(after.at("metadata", "labels"), at: "metadata", "labels")
                run["status"] = after["status"]
            }
        case 22:
            // In place of server-side apply: the same change by other means.
            try change(Self.runs, Self.prefix + "fin") { $0.set("d", at: "metadata", "annotations", "c") }
            replay.learn(recorded: ["resourceVersion": "1593"], actual: ["resourceVersion": version])
        case 25:
            try place(
                [
                    "apiVersion": "v1", "kind": "ConfigMap",
                    "metadata": [
                        "name": "owner", "namespace": "rec-builds", "creationTimestamp": "2026-11-29T18:24:20Z",
                        "uid": exchange.answer.at("metadata", "ownerReferences")?[0]?["uid"] ?? "",
                    ],
                ], as: GroupResource(group: "", resource: "configmaps"))
        default: break
        }
    }

    // MARK: admission

    private func prepareAdmission(_ exchange: NumberedExchange) throws {
        let recorded = try NumberedExchange.read("admission")
        let condition: Value = ["type": "Succeeded", "lastTransitionTime": "2026-11-29T18:25:46Z"]
        func conditions(_ status: String) -> Value {
            var condition = condition
            condition["status"] = .string(status)
            return [condition]
        }
        let name = Self.prefix + "run"
        switch exchange.index {
        case 25:
            var run = recorded[0].answer
            run["metadata"] = recorded[30].answer["metadata"]
            run.set("demo", at: "metadata", "labels", "user")
            run.set(nil, at: "metadata", "annotations", "a")
            run["status"] = ["startTime": "2026-11-29T18:25:46Z", "conditions": conditions("Unknown")]
            try place(run, as: Self.runs)
        case 33: try change(Self.runs, name) { $0.set(conditions("False"), at: "status", "conditions") }
        case 36:
            var run = recorded[38].answer
            run["status"] = ["conditions": conditions("Unknown")]
            run.set("PipelineRunPending", at: "spec", "status")
            run.set(1, at: "metadata", "generation")
            try place(run, as: Self.runs)
        case 38:
            try change(Self.runs, Self.prefix + "pend") { $0["status"] = exchange.answer["status"] }
        default: break
        }
    }
}
