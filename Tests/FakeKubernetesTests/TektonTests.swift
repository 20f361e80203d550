import Foundation
import Testing

@testable import FakeKubernetes

/// Builds as Tekton and a node would carry them out.
@Suite(.timeLimit(.minutes(2))) struct TektonTests {
    private static let pods = ResourceDefinition.pods
    private static let taskRuns = ResourceDefinition.taskRuns
    private static let pipelineRuns = ResourceDefinition.pipelineRuns

    /// A run of the pipeline, ready to be created.
    static func newRun(_ name: String, url: String, reference: String = "main", status: String? = nil) -> Value {
        let parameters = [
            "BUILDER_IMAGE": "b", "RUN_IMAGE": "r", "APP_IMAGE": "registry/tool-demo/web", "SOURCE_URL": url,
            "SOURCE_REFERENCE": reference, "UNRESOLVED_SOURCE_REFERENCE": reference,
        ]
        let workspaces = ["source-ws", "cache-ws", "aptbuildpack-ws"]
        var run: Value = [
            "apiVersion": "tekton.dev/v1", "kind": "PipelineRun",
            "metadata": ["name": .string(name), "labels": ["user": "demo"]],
            "spec": [
                "pipelineRef": ["name": "buildpacks"],
                "params": .array(parameters.map { ["name": .string($0.key), "value": .string($0.value)] }),
                "workspaces": .array(workspaces.map { ["name": .string($0), "emptyDir": [:]] }),
            ],
        ]
        run.set(status.map { .string($0) }, at: "spec", "status")
        return run
    }

    private static func message(_ run: Value?) -> String? {
        run.flatMap { PipelineRun($0).condition?["message"]?.string }
    }

    private static func condition(_ taskRun: Value?) -> [String?] {
        let condition = taskRun?.at("status", "conditions")?[0]
        return [condition?["reason"]?.string, condition?["message"]?.string]
    }

    /// Lends a world with a repository, and a run `one` in it.
    private static func withRun(
        reference: String = "main", duration: Duration = .zero, plan: Value? = nil,
        _ test: @escaping @Sendable (BuildWorld) async throws -> Void
    ) async throws {
        try await GitRepository.with { repository in
            try await BuildWorld.with(duration: duration) { world in
                if let plan { try world.tekton.plans.replace(with: [plan]) }
                try world.create(newRun("one", url: repository.url, reference: reference))
                try await test(world)
            }
        }
    }

    @Test func aBuildSucceedsAndNamesItsImage() async throws {
        try await GitRepository.with { repository in
            try await BuildWorld.with { world in
                for (name, reference) in [("one", "main"), ("two", "v1")] {
                    try world.create(Self.newRun(name, url: repository.url, reference: reference))
                    let run = try #require(await world.wait(for: "Succeeded", "Failed", of: name))
                    #expect(Self.message(run) == "Tasks Completed: 1 (Failed: 0, Cancelled 0), Skipped: 0")
                    #expect(world.reasons(of: name) == ["Running", "Succeeded"])
                    #expect(run.at("metadata", "labels", "tekton.dev/pipeline") == "buildpacks")
                    #expect(run.at("status", "childReferences")?[0]?["name"]?.string == "\(name)-build-from-git")
                    let results = try #require(world.taskRun(name)?.at("status", "results")?.array)
                    #expect(results.map { $0["name"] } == ["APP_IMAGE_DIGEST", "APP_IMAGE_URL"])
                    #expect(results[0]["value"]?.string?.wholeMatch(of: /sha256:[0-9a-f]{64}/) != nil)
                    #expect(results[1]["value"] == "registry/tool-demo/web")
                    #expect(world.pod(name)?.at("status", "phase") == "Succeeded")
                    #expect(world.log(of: "export", name).contains("Saving registry/tool-demo/web..."))
                }
            }
        }
    }

    @Test func aBuildIsWrittenInTheRecordedNumberOfEvents() async throws {
        try await Self.withRun { world in
            await world.wait(for: "Succeeded", of: "one")
            let runs = world.events(Self.pipelineRuns, "one")
            #expect(runs.map(\.change) == [.added, .modified, .modified, .modified])
            #expect(runs[1].object.value["status"] == nil)
            #expect(world.events(Self.taskRuns, "one-build-from-git").count == 7)
            #expect(world.events(Self.pods, "one-build-from-git-pod").count == 8)
        }
    }

    @Test func aStepThatFailsIsReportedByTheTaskRunAndItsLogAlone() async throws {
        try await Self.withRun(reference: "nope") { world in
            let run = await world.wait(for: "Succeeded", "Failed", of: "one")
            #expect(Self.message(run) == "Tasks Completed: 1 (Failed: 1, Cancelled 0), Skipped: 0")
            let taskRun = world.taskRun("one")
            #expect(Self.condition(taskRun) == ["StepFailed", "\"step-clone\" exited with code 128: Error"])
            let steps = taskRun?.at("status", "steps")?.array ?? []
            #expect(steps.map { $0["terminationReason"] } == ["Error", "Skipped", "Skipped"])
            #expect(steps.map { $0.at("terminated", "exitCode") } == [128, 1, 1])
            #expect(world.pod("one")?.at("status", "phase") == "Failed")
            #expect(world.log(of: "clone", "one").last == "fatal: Remote branch nope not found in upstream origin")
        }
    }

    @Test(arguments: [
        ("oom", "StepOOM", "\"step-build\" exited with code 137: OOMKilled", true),
        (
            "evict", "PodEvicted",
            "The node was low on resource: memory. Threshold quantity: 100Mi, available: 55Mi. ", true
        ),
        (
            "image", "TaskRunImagePullFailed",
            "the step \"clone\" in TaskRun \"one-build-from-git\" failed to pull the image \"\". The pod errored with the "
                + "message: \"Back-off pulling image \"registry.example/git:1\": ErrImagePull: failed to pull and unpack "
                + "image \"registry.example/git:1\": not found.\"", false
        ), ("fail", "StepFailed", "\"step-build\" exited with code 1: Error", true),
    ])
    func aPlannedEndIsReportedAsRecorded(end: String, reason: String, message: String, podStays: Bool) async throws {
        try await Self.withRun(plan: ["run": "o*", "end": .string(end)]) { world in
            #expect(await world.wait(for: "Failed", of: "one") != nil)
            #expect(Self.condition(world.taskRun("one")) == [reason, message])
            if podStays {
                await world.wait(for: Self.pods, "one-build-from-git-pod") {
                    $0.object.value.at("status", "phase") == "Failed"
                }
                #expect(world.pod("one") != nil)
            } else {
                await world.waitUntilPodIsGone("one")
            }
        }
    }

    @Test func aPodThatCannotBeScheduledLeavesTheRunRunning() async throws {
        try await Self.withRun(plan: ["end": "unschedulable"]) { world in
            let taskRun = await world.wait(for: Self.taskRuns, "one-build-from-git") {
                Self.condition($0.object.value)[0] == "ExceededNodeResources"
            }
            #expect(taskRun?.at("status", "steps") == [["name": "clone"], ["name": "build"], ["name": "export"]])
            await world.wait(for: "Running", of: "one")
            #expect(world.reasons(of: "one") == ["Running"])
        }
    }

    @Test func aRunIsRefusedBeforeItsTaskIsStarted() async throws {
        try await BuildWorld.with { world in
            var run = Self.newRun("one", url: "file:///x")
            run.set("missing", at: "spec", "pipelineRef", "name")
            try world.create(run)
            #expect(await world.wait(for: "CouldntGetPipeline", of: "one") != nil)
            #expect(world.reasons(of: "one") == ["CouldntGetPipeline"])
            #expect(world.taskRun("one") == nil)
        }
    }

    @Test func aPendingRunIsHeldUntilItIsReleased() async throws {
        try await GitRepository.with { repository in
            try await BuildWorld.with { world in
                try world.create(Self.newRun("one", url: repository.url, status: "PipelineRunPending"))
                let held = await world.wait(for: "PipelineRunPending", of: "one")
                #expect(Self.message(held) == "PipelineRun \"one\" is pending")
                #expect(world.events(Self.pipelineRuns, "one").count == 3)
                try world.setStatus(nil, of: "one")
                #expect(await world.wait(for: "Succeeded", of: "one") != nil)
                #expect(world.reasons(of: "one") == ["PipelineRunPending", "Running", "Succeeded"])
            }
        }
    }

    @Test(arguments: ["Cancelled", "CancelledRunFinally", "StoppedRunFinally"])
    func aPendingRunIsCancelled(status: String) async throws {
        try await BuildWorld.with { world in
            try world.create(Self.newRun("one", url: "file:///x", status: "PipelineRunPending"))
            await world.wait(for: "PipelineRunPending", of: "one")
            try world.setStatus(status, of: "one")
            let run = await world.wait(for: "Cancelled", of: "one")
            #expect(Self.message(run) == "PipelineRun \"one\" was cancelled")
            #expect(world.reasons(of: "one") == ["PipelineRunPending", "Cancelled"])
        }
    }

    @Test(arguments: [
        ("Cancelled", ["Running", "Cancelled"]),
        ("CancelledRunFinally", ["Running", "CancelledRunningFinally", "Cancelled"]),
    ])
    func aCancelledRunKillsGitAndLosesItsPod(status: String, reasons: [String]) async throws {
        let listener = try SilentListener()
        try await BuildWorld.with(transports: ["git"]) { world in
            try world.create(Self.newRun("one", url: "git://127.0.0.1:\(listener.port)/x"))
            try await listener.accept()
            try world.setStatus(status, of: "one")
            #expect(await world.wait(for: "Cancelled", of: "one") != nil)
            #expect(try await listener.waitUntilPeerIsGone())
            await world.waitUntilPodIsGone("one")
            #expect(world.reasons(of: "one") == reasons)
            #expect(
                Self.condition(world.taskRun("one")) == [
                    "TaskRunCancelled",
                    "TaskRun \"one-build-from-git\" was cancelled. TaskRun cancelled as the PipelineRun it belongs to has "
                        + "been cancelled.",
                ])
        }
    }

    @Test func aStoppedRunBuildsToItsEndAndIsCancelledThen() async throws {
        try await GitRepository.with { repository in
            try await BuildWorld.with { world in
                world.tekton.setPaused(false)
                try world.create(Self.newRun("one", url: repository.url))
                await world.wait(for: Self.pods, "one-build-from-git-pod") { _ in true }
                world.tekton.setPaused(true)
                try world.setStatus("StoppedRunFinally", of: "one")
                await world.wait(for: "StoppedRunningFinally", "Cancelled", of: "one")
                world.tekton.setPaused(false)
                #expect(await world.wait(for: "Cancelled", of: "one") != nil)
                #expect(world.taskRun("one")?.at("status", "results") != nil)
            }
        }
    }

    @Test func aRunEndsAtItsTimeLimitAndLosesItsPod() async throws {
        try await GitRepository.with { repository in
            try await BuildWorld.with(duration: .seconds(3600)) { world in
                var run = Self.newRun("one", url: repository.url)
                run.set("100ms", at: "spec", "timeouts", "pipeline")
                try world.create(run)
                let ended = await world.wait(for: "PipelineRunTimeout", of: "one")
                #expect(Self.message(ended) == "PipelineRun \"one\" failed to finish within \"100ms\"")
                await world.waitUntilPodIsGone("one")
                #expect(
                    Self.condition(world.taskRun("one")) == [
                        "TaskRunCancelled",
                        "TaskRun \"one-build-from-git\" was cancelled. TaskRun cancelled as the PipelineRun it belongs to "
                            + "has timed out.",
                    ])
            }
        }
    }

    @Test func aDeletedRunTakesItsTaskRunAndItsPodWithIt() async throws {
        let listener = try SilentListener()
        try await BuildWorld.with(transports: ["git"]) { world in
            try world.create(Self.newRun("one", url: "git://127.0.0.1:\(listener.port)/x"))
            try await listener.accept()
            try world.delete(Self.pipelineRuns, "one")
            #expect(world.run("one") == nil)
            #expect(try await listener.waitUntilPeerIsGone())
            await world.waitUntilPodIsGone("one")
            #expect(world.taskRun("one") == nil)
        }
    }

    @Test func aRunDeletedInTheForegroundGoesLast() async throws {
        let listener = try SilentListener()
        try await BuildWorld.with(transports: ["git"]) { world in
            try world.create(Self.newRun("one", url: "git://127.0.0.1:\(listener.port)/x"))
            try await listener.accept()
            try world.delete(Self.pipelineRuns, "one", query: "propagationPolicy=Foreground")
            await world.wait(for: Self.pipelineRuns, "one") { $0.change == .deleted }
            let versions = [
                world.events(Self.pods, "one-build-from-git-pod").last,
                world.events(Self.taskRuns, "one-build-from-git").last,
                world.events(Self.pipelineRuns, "one").last,
            ].compactMap { $0 }
            #expect(versions.map(\.change) == [.deleted, .deleted, .deleted])
            #expect(versions.map(\.object.resourceVersion) == versions.map(\.object.resourceVersion).sorted())
        }
    }

    @Test func anOrphanedBuildRunsToItsEnd() async throws {
        try await GitRepository.with { repository in
            try await BuildWorld.with { world in
                try world.create(Self.newRun("one", url: repository.url))
                await world.wait(for: Self.pods, "one-build-from-git-pod") { _ in true }
                try world.delete(Self.pipelineRuns, "one", query: "propagationPolicy=Orphan")
                await world.wait(for: Self.pipelineRuns, "one") { $0.change == .deleted }
                await world.wait(for: Self.taskRuns, "one-build-from-git") {
                    Self.condition($0.object.value)[0] == "Succeeded"
                }
                #expect(world.taskRun("one")?.at("metadata", "ownerReferences") == nil)
                #expect(world.pod("one") != nil)
            }
        }
    }

    @Test func aPodDeletedByHandFailsItsBuild() async throws {
        try await Self.withRun(duration: .seconds(3600)) { world in
            await world.wait(for: Self.pods, "one-build-from-git-pod") {
                $0.object.value.containerStatuses.first?.at("state", "terminated") != nil
            }
            try world.delete(Self.pods, "one-build-from-git-pod")
            #expect(await world.wait(for: "Failed", of: "one") != nil)
            #expect(
                Self.condition(world.taskRun("one")) == ["StepFailed", "\"step-build\" exited with code 143: Error"])
            await world.waitUntilPodIsGone("one")
        }
    }

    @Test func aPodDeletedByForceIsMadeAgain() async throws {
        try await Self.withRun { world in
            let first = await world.wait(for: Self.pods, "one-build-from-git-pod") { _ in true }
            try world.delete(Self.pods, "one-build-from-git-pod", query: "gracePeriodSeconds=0")
            #expect(await world.wait(for: "Succeeded", of: "one") != nil)
            let second = try #require(world.pod("one"))
            #expect(second.uid != first?.uid)
            #expect(world.taskRun("one")?.at("status", "results") != nil)
        }
    }

    @Test func gitIsKilledWhenTheClusterStops() async throws {
        let listener = try SilentListener()
        try await BuildWorld.with(transports: ["git"]) { world in
            try world.create(Self.newRun("one", url: "git://127.0.0.1:\(listener.port)/x"))
            try await listener.accept()
        }
        #expect(try await listener.waitUntilPeerIsGone())
    }

    @Test func nothingProceedsWhilePausedButACancellation() async throws {
        try await GitRepository.with { repository in
            try await BuildWorld.with(parallelism: 1) { world in
                world.tekton.setPaused(true)
                #expect(world.tekton.isPaused)
                try world.create(Self.newRun("one", url: repository.url))
                try world.create(Self.newRun("two", url: repository.url))
                try world.setStatus("Cancelled", of: "one")
                #expect(await world.wait(for: "Cancelled", of: "one") != nil)
                #expect(world.reasons(of: "two") == [])
                world.tekton.setPaused(false)
                #expect(await world.wait(for: "Succeeded", of: "two") != nil)
                #expect(world.reasons(of: "one") == ["Cancelled"])
            }
        }
    }

    @Test func anEndedRunIsLeftAlone() async throws {
        try await Self.withRun { world in
            await world.wait(for: "Succeeded", of: "one")
            #expect(throws: StatusError.self) { try world.setStatus("Cancelled", of: "one") }
            #expect(world.reasons(of: "one") == ["Running", "Succeeded"])
        }
    }

    @Test func manyRunsAllEnd() async throws {
        try await GitRepository.with { repository in
            try await BuildWorld.with(parallelism: 3) { world in
                world.tekton.setPaused(true)
                let names = (0..<12).map { "run-\($0)" }
                for name in names { try world.create(Self.newRun(name, url: repository.url)) }
                world.tekton.setPaused(false)
                for name in names { #expect(await world.wait(for: "Succeeded", of: name) != nil) }
            }
        }
    }

    @Test func theOldestRunsStartFirstAndOnlySoManyAtOnce() {
        func run(_ name: String, at second: Int, ended: Bool = false) -> PipelineRun {
            var value: Value = [
                "metadata": [
                    "name": .string(name), "uid": .string("u-" + name), "creationTimestamp": .string("\(second)"),
                ]
            ]
            if ended { value.set([["type": "Succeeded", "status": "True"]], at: "status", "conditions") }
            return PipelineRun(value)
        }
        var queue = StartQueue(parallelism: 1)
        func names(_ runs: [PipelineRun.Identity]) -> [String] { runs.map(\.name) }
        #expect(names(queue.observe(run("b", at: 2))) == ["b"])
        #expect(names(queue.observe(run("d", at: 4))) == [])
        #expect(names(queue.observe(run("c", at: 3))) == [])
        #expect(names(queue.observe(run("c2", at: 3))) == [])
        #expect(queue.hasRoom(for: run("b", at: 2).identity))
        #expect(!queue.hasRoom(for: run("c", at: 3).identity))
        #expect(names(queue.observe(run("b", at: 2, ended: true))) == ["c"])
        #expect(names(queue.remove(run("c", at: 3).identity)) == ["c2"])
        #expect(names(queue.observe(run("c2", at: 3, ended: true))) == ["d"])
    }
}
