import Components
import FakeKubernetes
import Foundation
import JSON
import Kubernetes
import Synchronization
import Testing

@testable import ComponentsKubernetes

/// The logs of builds over a connection to the fake cluster, whose pods a test plays.
@Suite(.timeLimit(.minutes(2))) struct BuildLogTests {
    /// A build with its run, task and pod, as far as a test wants them.
    private struct World {
        let live: LiveCluster
        let build = PlannedBuild(component: "web", id: "demo-buildpacks-pipelinerun-a", repository: "r", ref: nil)
        let pod = "demo-buildpacks-pipelinerun-a-build-from-git-pod"
        let steps = ["clone", "build"]

        var deployment: DeploymentIdentity { DeploymentIdentity(id: "demo-deploy-1", tool: live.tool) }
        var podUID: String {
            live.cluster.object(resource: "pods", namespace: "image-build", name: pod)?["metadata"]?["uid"]?.string
                ?? ""
        }

        func create() async { _ = await live.builds.start(build, of: deployment) }

        /// Tekton has begun: there are a TaskRun and a pod.
        func begin(_ states: [JSONValue] = [running, running]) async throws {
            let task = "\(build.id)-build-from-git"
            let tasks = live.client.resources(AnyTaskRun.self, namespace: "image-build")
            _ = try await tasks.create(
                AnyTaskRun(json: [
                    "metadata": [
                        "name": .string(task), "labels": ["tekton.dev/pipelineRun": .string(build.id)],
                    ], "spec": ["taskRef": ["name": "build-from-git"]],
                ]))
            _ = try await tasks.mergePatchStatus(
                task,
                [
                    "status": [
                        "podName": .string(pod),
                        "steps": .array(
                            steps.map { ["name": .string($0), "container": .string("step-\($0)")] }),
                    ]
                ])
            let pods = live.client.resources(AnyPod.self, namespace: "image-build")
            let containers = steps.map { step -> JSONValue in ["name": .string("step-\(step)"), "image": "i"] }
            _ = try await pods.create(
                AnyPod(json: [
                    "metadata": ["name": .string(pod)],
                    "spec": ["nodeName": "node", "containers": .array(containers)],
                ]))
            _ = try await live.client.resources(AnyRun.self, namespace: "image-build").mergePatchStatus(
                build.id,
                [
                    "status": [
                        "conditions": [Self.condition("Unknown", "Running")],
                        "childReferences": [
                            ["kind": "TaskRun", "name": .string(task), "pipelineTaskName": "build-from-git"]
                        ],
                    ]
                ])
            try await set(states)
        }

        /// The states of the pod's containers.
        func set(_ states: [JSONValue], phase: String = "Running") async throws {
            let statuses = zip(steps, states).map { step, state -> JSONValue in
                [
                    "name": .string("step-\(step)"), "state": state, "ready": false, "restartCount": 0, "image": "i",
                    "imageID": "",
                ]
            }
            _ = try await live.client.resources(AnyPod.self, namespace: "image-build").mergePatchStatus(
                pod, ["status": ["phase": .string(phase), "containerStatuses": .array(statuses)]])
        }

        func end(_ status: String, _ reason: String) async throws {
            _ = try await live.client.resources(AnyRun.self, namespace: "image-build").mergePatchStatus(
                build.id, ["status": ["conditions": [Self.condition(status, reason)]]])
        }

        func write(_ line: String, _ step: String) {
            live.cluster.writeLog(line, pod: podUID, container: "step-\(step)")
        }

        func endLog(_ step: String) { live.cluster.endLog(pod: podUID, container: "step-\(step)") }

        static func condition(_ status: String, _ reason: String) -> JSONValue {
            [
                "type": "Succeeded", "status": .string(status), "reason": .string(reason), "message": "m",
                "lastTransitionTime": "2026-11-29T18:00:00Z",
            ]
        }

        /// What of the log there is now, as text.
        func read(_ query: BuildLogQuery = BuildLogQuery()) async throws -> [String] {
            let texts = Mutex<[String]>([])
            try await follow(query) { event in texts.withLock { $0 += Self.texts(of: event) } }
            return texts.withLock { $0 }
        }

        func follow(
            _ query: BuildLogQuery, wait: (any BuildLogWait)? = nil, _ body: (BuildLogEvent) async throws -> Void
        ) async throws {
            try await live.logs.open(build, of: deployment, query, wait: wait).forEach(body)
        }

        static func texts(of event: BuildLogEvent) -> [String] {
            switch event {
            case .lines(let step, let lines): lines.map { "\(step): \(String(decoding: $0.text, as: UTF8.self))" }
            case .pause: []
            case .note(let note): ["\(note)"]
            }
        }
    }

    private static let running: JSONValue = ["running": ["startedAt": "2026-11-29T18:00:00Z"]]
    private static let waiting: JSONValue = ["waiting": ["reason": "PodInitializing"]]
    private static func ended(_ code: Int64) -> JSONValue {
        [
            "terminated": [
                "exitCode": .number(JSONNumber(Int(code))), "reason": "Completed", "startedAt": "2026-11-29T18:00:00Z",
                "finishedAt": "2026-11-29T18:00:01Z",
            ]
        ]
    }

    private func withWorld(_ body: @escaping @Sendable (World) async throws -> Void) async throws {
        try await LiveCluster.with { live in try await body(World(live: live)) }
    }

    @Test func theLogOfABuildThatEndedIsCompleteAndCostsTwoCallsAndOneMoreAndOneForEachStep() async throws {
        try await withWorld { world in
            await world.create()
            try await world.begin()
            for line in ["Cloning", "done"] { world.write(line, "clone") }
            world.write("building", "build")
            for step in world.steps { world.endLog(step) }
            try await world.set([Self.ended(0), Self.ended(3)], phase: "Failed")
            try await world.end("False", "Failed")
            _ = world.live.calls()
            #expect(
                try await world.read() == [
                    "clone: Cloning", "clone: done", "build: building",
                    "\(BuildLogNote.complete(failed: FailedStep(name: "build", exitCode: 3)))",
                ])
            #expect(
                world.live.calls() == [
                    "get pipelineruns", "get taskruns", "get pods/log", "get pods/log", "get pods",
                ])
            #expect(try await world.read(BuildLogQuery(tailLines: 1)).prefix(2) == ["clone: done", "build: building"])
        }
    }

    @Test func aBuildIsFollowedFromItsWaitToItsEnd() async throws {
        try await withWorld { world in
            await world.create()
            let (seen, continuation) = AsyncStream.makeStream(of: String.self)
            let wait = ScriptedWait()
            async let reading: Void = world.follow(BuildLogQuery(follow: true), wait: wait) { event in
                for text in World.texts(of: event) { continuation.yield(text) }
            }
            var texts = seen.makeAsyncIterator()
            #expect(await texts.next() == "waiting(\"waiting for the cluster to start it\")")
            wait.tell(.quiet)
            await wait.asked(2)
            // Who waits asks the cluster nothing.
            _ = world.live.calls()
            wait.tell(.quiet)
            await wait.asked(3)
            #expect(world.live.calls().isEmpty)
            try await world.begin()
            wait.tell(.begun)
            world.write("Cloning", "clone")
            // The pod may be seen before its containers run.
            var text = await texts.next()
            while text?.hasPrefix("waiting") == true { text = await texts.next() }
            #expect(text == "clone: Cloning")
            world.write("done", "clone")
            #expect(await texts.next() == "clone: done")
            // What follows is told by the log.
            #expect(wait.hasEnded)
            try await world.set([Self.ended(0), Self.running])
            world.endLog("clone")
            world.write("building", "build")
            #expect(await texts.next() == "build: building")
            try await world.set([Self.ended(0), Self.ended(0)], phase: "Succeeded")
            world.endLog("build")
            #expect(await texts.next() == "\(BuildLogNote.complete(failed: nil))")
            try await reading
            #expect(world.live.cluster.openLogs == 0)
        }
    }

    @Test func aReaderThatGoesEndsTheCall() async throws {
        try await withWorld { world in
            await world.create()
            try await world.begin()
            world.write("Cloning", "clone")
            let (seen, continuation) = AsyncStream.makeStream(of: String.self)
            let reading = Task {
                try await world.follow(BuildLogQuery(follow: true)) { event in
                    for text in World.texts(of: event) { continuation.yield(text) }
                }
            }
            var texts = seen.makeAsyncIterator()
            #expect(await texts.next() == "clone: Cloning")
            #expect(world.live.cluster.openLogs == 1)
            reading.cancel()
            // Whoever is still there is told.
            #expect(await texts.next() == "serviceStops")
            try await reading.value
            // The other end of a connection cannot be awaited.
            for _ in 0..<1_000 where world.live.cluster.openLogs > 0 { try await Task.sleep(for: .milliseconds(10)) }
            #expect(world.live.cluster.openLogs == 0)
        }
    }

    /// The server ends its response properly when a node dies.
    @Test func aLogThatEndsEarlyGoesOnWithoutALineTwice() async throws {
        try await withWorld { world in
            await world.create()
            try await world.begin()
            for line in ["one", "two"] { world.write(line, "clone") }
            try world.live.cluster.setFaults([
                [
                    "verb": "get", "resource": "pods", "subresource": "log", "times": 1,
                    "action": ["pieces": 2, "end": true],
                ]
            ])
            let (seen, continuation) = AsyncStream.makeStream(of: String.self)
            async let reading: Void = world.follow(BuildLogQuery(follow: true)) { event in
                for text in World.texts(of: event) { continuation.yield(text) }
            }
            var texts = seen.makeAsyncIterator()
            #expect(await texts.next() == "clone: one")
            #expect(await texts.next() == "clone: two")
            world.write("three", "clone")
            #expect(await texts.next() == "clone: three")
            for step in world.steps { world.endLog(step) }
            try await world.set([Self.ended(0), Self.ended(0)], phase: "Succeeded")
            #expect(await texts.next() == "\(BuildLogNote.complete(failed: nil))")
            try await reading
        }
    }

    @Test func whatIsNotThereIsSaid() async throws {
        try await withWorld { world in
            #expect(try await world.read() == ["gone(isKept: false)"])
            await world.create()
            #expect(try await world.read() == ["waiting(\"waiting for the cluster to start it\")"])
            try await world.begin([Self.waiting, Self.waiting])
            #expect(try await world.read() == ["waiting(\"m\")"])
            try await world.set([Self.running, Self.running])
            #expect(try await world.read() == ["goesOn"])
            try await world.end("False", "Cancelled")
            _ = try await world.live.client.resources(AnyTaskRun.self, namespace: "image-build").mergePatchStatus(
                "\(world.build.id)-build-from-git", ["status": ["podName": "a-pod-that-is-gone"]])
            #expect(try await world.read() == ["gone(isKept: false)"])
        }
    }

    /// The pod is made, and its containers do not run yet.
    @Test func noLogIsOpenedBeforeItsContainerRuns() async throws {
        try await withWorld { world in
            await world.create()
            try await world.begin([Self.waiting, Self.waiting])
            _ = try await world.live.client.resources(AnyTaskRun.self, namespace: "image-build").mergePatchStatus(
                "\(world.build.id)-build-from-git",
                ["status": ["steps": .array(world.steps.map { ["name": .string($0), "waiting": [:]] })]])
            let readers = 20
            let (seen, continuation) = AsyncStream.makeStream(of: String.self)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<readers {
                    group.addTask {
                        try await world.follow(BuildLogQuery(follow: true)) { event in
                            for text in World.texts(of: event) { continuation.yield(text) }
                        }
                    }
                }
                var texts = seen.makeAsyncIterator()
                for _ in 0..<readers { #expect(await texts.next() == "waiting(\"m\")") }
                world.write("Cloning", "clone")
                try await world.set([Self.running, Self.running])
                _ = try await world.live.client.resources(AnyTaskRun.self, namespace: "image-build").mergePatchStatus(
                    "\(world.build.id)-build-from-git",
                    [
                        "status": [
                            "steps": .array(
                                world.steps.map {
                                    ["name": .string($0), "container": .string("step-\($0)"), "running": [:]]
                                })
                        ]
                    ])
                for _ in 0..<readers { #expect(await texts.next() == "clone: Cloning") }
                #expect(world.live.calls().count { $0 == "get pods/log" } == readers)
                group.cancelAll()
                try await group.waitForAll()
            }
        }
    }

    /// Tekton gives every step that had not ended a code of 1 when it ends a task for its time, or because somebody asked.
    @Test(arguments: [("Error", 1), ("TaskRunTimeout", nil), ("TaskRunCancelled", nil)])
    func theExitCodeThatIsKeptIsTheSteps(_ reason: String, exitCode: Int?) async throws {
        try await withWorld { world in
            await world.create()
            try await world.begin()
            world.write("hello", "clone")
            world.endLog("clone")
            world.endLog("build")
            _ = try await world.live.client.resources(AnyTaskRun.self, namespace: "image-build").mergePatchStatus(
                "\(world.build.id)-build-from-git",
                [
                    "status": [
                        "steps": [
                            [
                                "name": "clone", "container": "step-clone",
                                "terminated": ["exitCode": 1, "reason": .string(reason)],
                            ]
                        ]
                    ]
                ])
            let tail = await world.live.builds.logTail(
                of: world.build, in: world.deployment, ended: nil, limit: 1_000, hiding: SecretValues([]))
            #expect(tail?.step == "clone")
            #expect(tail?.lines == ["hello"])
            #expect(tail?.exitCode == exitCode)
        }
    }

    @Test func secretsAreHidden() async throws {
        try await withWorld { world in
            await world.create()
            try await world.begin()
            world.write("PASSWORD=correct-horse", "clone")
            let texts = try await world.read(BuildLogQuery(secrets: SecretValues(["correct-horse"])))
            #expect(texts.first == "clone: PASSWORD=***")
        }
    }

    @Test func aClusterThatDoesNotAnswerIsAFailureAtTheBeginningAndASentenceLater() async throws {
        try await withWorld { world in
            await world.create()
            try await world.begin()
            let refusal = LiveCluster.refusal(500, "InternalError", "no")
            try world.live.cluster.setFaults([LiveCluster.fault("get", "pipelineruns", refusal)])
            await #expect(throws: ClusterFailure.self) { try await world.read() }
            try world.live.cluster.setFaults([LiveCluster.fault("get", "pods", refusal, times: nil)])
            let texts = try await world.read()
            #expect(texts.count == 1 && texts[0].hasPrefix("clusterFailed"))
        }
    }
}

/// Tells what a test says.
private final class ScriptedWait: BuildLogWait {
    private let signs = AsyncStream.makeStream(of: BuildLogSign.self)
    private let asks = AsyncStream.makeStream(of: Int.self)
    private let state = Mutex((asks: 0, hasEnded: false))

    var hasEnded: Bool { state.withLock { $0.hasEnded } }

    func next() async -> BuildLogSign? {
        asks.continuation.yield(
            state.withLock { state in
                state.asks += 1
                return state.asks
            })
        var iterator = signs.stream.makeAsyncIterator()
        return await iterator.next()
    }

    func end() { state.withLock { $0.hasEnded = true } }

    func tell(_ sign: BuildLogSign) { signs.continuation.yield(sign) }

    /// Waits until it was asked so often.
    func asked(_ count: Int) async { for await asks in asks.stream where asks >= count { return } }
}
