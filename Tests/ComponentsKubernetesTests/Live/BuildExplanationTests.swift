import Components
import ComponentsKubernetes
import FakeKubernetes
import JSON
import Kubernetes
import Testing

/// What a build's end is told as, with the runs and TaskRuns of a real Tekton, and what it costs.
struct BuildExplanationTests {
    private static let failed = "PipelineRun: a step ends with exit code 1"
    private static let succeeded = "PipelineRun succeeded: no results, because the pipeline declares none"
    private static let hex64 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    private static let digest = "sha256:\(hex64)"

    /// A build that the cluster shows as it was recorded.
    private struct RecordedBuild {
        let live: LiveCluster
        let build: PlannedBuild
        let deployment: DeploymentIdentity

        init(_ live: LiveCluster, run: String, taskRun: String?, owner: String? = nil) async throws {
            self.live = live
            deployment = DeploymentIdentity(id: "demo-deploy-1", tool: live.tool)
            build = PlannedBuild(
                component: "web", id: DeploymentNames.build(of: "web", deployment: deployment),
                repository: "https://example.org/w", ref: nil)
            #expect(await live.builds.start(build, of: deployment) == .started)
            let recorded = try Recordings.answers("taskruns")
            let runs = live.client.resources(AnyRun.self, namespace: "image-build")
            let status = try #require(recorded[run]?["status"])
            _ = try await runs.mergePatchStatus(build.id, ["status": status])
            guard let taskRun, let child = status["childReferences"]?.arrayValue?.first?["name"] else { return }
            let taskRuns = live.client.resources(AnyTaskRun.self, namespace: "image-build")
            let labels: JSONValue = ["tekton.dev/pipelineRun": .string(owner ?? build.id)]
            _ = try await taskRuns.create(
                AnyTaskRun(json: ["metadata": ["name": child, "labels": labels], "spec": [:]]))
            let taskStatus = try #require(recorded[taskRun]?["status"])
            _ = try await taskRuns.mergePatchStatus(child.stringValue ?? "", ["status": taskStatus])
        }

        /// What is observed and then explained, and the calls of the explanation.
        func end() async throws -> (observed: BuildObservation, explained: BuildObservation, calls: [String]) {
            let observed = try #require(try await live.builds.observe(build, of: deployment))
            _ = live.calls()
            let explained = await live.builds.explain(observed, of: build, in: deployment)
            return (observed, explained, live.calls())
        }
    }

    @Test(arguments: [
        ("a step ends with exit code 1", Reason.buildFailed, "the build failed (step build, exit code 1); "),
        (
            "a step fails; its termination message is not the entrypoint's JSON", .buildFailed,
            "the build failed (step build, exit code 2): no buildpack fits; "
        ),
        ("a step is OOMKilled", .outOfMemory, "the build took more memory than it may (step build, exit code 137); "),
        ("the pod is evicted", .evicted, "the cluster removed the build from its node to make room: The node was low"),
        ("the pod is deleted by hand while it runs", .buildFailed, "the build failed (step build, exit code 143); "),
        ("ImagePullBackOff", .imagePullFailed, "an image that builds run on could not be fetched: Back-off pulling"),
    ])
    func aFailureIsToldByItsTaskRunWithOneCall(_ name: String, reason: Reason, message: String) async throws {
        try await LiveCluster.with(retries: 2) { live in
            let task = try #require(
                try Recordings.answers("taskruns").keys.first { $0.hasPrefix("TaskRun: \(name)") })
            let (observed, explained, calls) = try await RecordedBuild(
                live, run: "PipelineRun: \(name)", taskRun: task
            ).end()
            #expect(observed.phase == .failed)
            #expect(observed.reason == .buildFailed)
            #expect(observed.message.contains("Tasks Completed: 1 (Failed: 1, Cancelled 0), Skipped: 0"))
            #expect(explained.phase == .failed)
            #expect(explained.reason == reason)
            #expect(explained.message.hasPrefix(message))
            #expect(explained.endedAt == observed.endedAt)
            #expect(calls == ["get taskruns"])
        }
    }

    @Test func aSuccessHasItsImageWithOneCall() async throws {
        try await LiveCluster.with(retries: 2) { live in
            let (observed, explained, calls) = try await RecordedBuild(
                live, run: Self.succeeded, taskRun: "TaskRun succeeded: status.results"
            ).end()
            #expect(observed.image == nil)
            #expect(explained.image == "registry.example/tool-demo/web:latest@\(Self.digest)")
            #expect(explained.phase == .succeeded)
            #expect(explained.reason == nil)
            #expect(calls == ["get taskruns"])
        }
    }

    @Test func aRunWhosePipelineDeclaresTheResultsHasToldAll() async throws {
        try await LiveCluster.with(retries: 2) { live in
            let (observed, explained, calls) = try await RecordedBuild(
                live, run: "PipelineRun succeeded: status.results, because the pipeline declares them", taskRun: nil
            ).end()
            #expect(observed.image == "registry.example/tool-demo/web:latest@\(Self.digest)")
            #expect(explained == observed)
            #expect(calls.isEmpty)
        }
    }

    @Test func aTimeoutNamesTheStepThatTookTheTime() async throws {
        try await LiveCluster.with(retries: 2) { live in
            let (_, explained, calls) = try await RecordedBuild(
                live, run: "PipelineRun: timeouts.pipeline ran out", taskRun: "TaskRun: timeouts.pipeline ran out"
            ).end()
            #expect(explained.phase == .timedOut)
            #expect(explained.reason == .buildTimedOut)
            #expect(explained.message.hasPrefix("the build took longer than it may (step build); "))
            #expect(calls == ["get taskruns"])
        }
    }

    @Test(
        arguments: [
            ("TaskRun: the pod cannot be scheduled", Reason.unschedulable, false),
            ("TaskRun: the pod is made, no step has begun", nil, false),
            ("TaskRun running: the first step has ended", nil, true),
            // The run has not been told yet.
            ("TaskRun: the pod is evicted", nil, false),
        ] as [(String, Reason?, Bool)])
    func aBuildThatRunsTellsWhatItWaitsForWithOneCall(_ taskRun: String, reason: Reason?, hasBegun: Bool) async throws {
        try await LiveCluster.with(retries: 2) { live in
            let (observed, explained, calls) = try await RecordedBuild(
                live, run: "PipelineRun: the pod cannot be scheduled", taskRun: taskRun
            ).end()
            #expect(observed.phase == .running)
            #expect(explained.phase == .running)
            #expect(explained.reason == reason)
            #expect(explained.hasBegun == hasBegun)
            #expect((explained.message == observed.message) == (reason == nil))
            #expect(calls == ["get taskruns"])
        }
    }

    @Test(arguments: ["Cancelled: ended", "CancelledRunFinally: ended", "StoppedRunFinally: ended"])
    func aCancellationHasToldAll(_ run: String) async throws {
        try await LiveCluster.with(retries: 2) { live in
            let (observed, explained, calls) = try await RecordedBuild(live, run: run, taskRun: nil).end()
            #expect(explained == observed)
            #expect(explained.reason == .cancelled)
            #expect(calls.isEmpty)
        }
    }

    @Test func aTaskRunThatCannotBeReadLeavesWhatTheRunSays() async throws {
        for action in [
            LiveCluster.refusal(403, "Forbidden", "no"), LiveCluster.refusal(500, "InternalError", "no"),
            ["drop": "before"],
        ] {
            try await LiveCluster.with(retries: 2) { live in
                let build = try await RecordedBuild(
                    live, run: Self.failed, taskRun: "TaskRun: a step ends with exit code 1")
                try live.cluster.setFaults([LiveCluster.fault("get", "taskruns", action, times: nil)])
                let (observed, explained, _) = try await build.end()
                #expect(explained == observed)
                #expect(explained.reason == .buildFailed)
            }
        }
    }

    @Test func aTaskRunThatIsGoneOrAnothersIsNotRead() async throws {
        try await LiveCluster.with(retries: 2) { live in
            let (observed, explained, _) = try await RecordedBuild(live, run: Self.failed, taskRun: nil).end()
            #expect(explained == observed)
        }
        try await LiveCluster.with(retries: 2) { live in
            let (observed, explained, _) = try await RecordedBuild(
                live, run: Self.failed, taskRun: "TaskRun: the pod is evicted", owner: "another"
            ).end()
            #expect(explained == observed)
        }
    }

    @Test(
        arguments: [
            (
                ["APP_IMAGE_URL": "r.test/a:latest\n", "APP_IMAGE_DIGEST": "\(digest)\n"], "r.test/a:latest@\(digest)",
                nil
            ),
            (["APP_IMAGE_URL": "r.test/a:latest"], "r.test/a:latest", nil),
            (["APP_IMAGE_URL": "r.test/a:latest", "APP_IMAGE_DIGEST": "<none>"], "r.test/a:latest", nil),
            (["APP_IMAGE_URL": "r.test/a@\(digest)", "APP_IMAGE_DIGEST": digest], "r.test/a@\(digest)", nil),
            (["APP_IMAGE_URL": "r.test/a b"], nil, nil), (["APP_IMAGE_DIGEST": digest], nil, nil), ([:], nil, nil),
            (["commit": "0123456789012345678901234567890123456789"], nil, "0123456789012345678901234567890123456789"),
            (["COMMIT": "main"], nil, nil),
            (["COMMIT": hex64], nil, hex64), (["COMMIT": "\(hex64)0"], nil, nil),
            (["COMMIT": String(hex64.prefix(39))], nil, nil), (["COMMIT": String(hex64.prefix(41))], nil, nil),
            (["COMMIT": hex64.prefix(40).uppercased().replacing("0", with: "A")], nil, nil),
            (["APP_IMAGE_URL": "-r/a"], nil, nil), (["APP_IMAGE_URL": "/r/a"], nil, nil),
            (["APP_IMAGE_URL": "r/é"], nil, nil), (["APP_IMAGE_URL": "R-t.test:5/a_b"], "R-t.test:5/a_b", nil),
            (
                ["APP_IMAGE_URL": "r/a", "APP_IMAGE_DIGEST": "md5:\(hex64.prefix(32))"], "r/a@md5:\(hex64.prefix(32))",
                nil
            ),
            (["APP_IMAGE_URL": "r/a", "APP_IMAGE_DIGEST": "md5:\(hex64.prefix(31))"], "r/a", nil),
            (
                ["APP_IMAGE_URL": "r/a", "APP_IMAGE_DIGEST": "sha1024:\(hex64)\(hex64)"],
                "r/a@sha1024:\(hex64)\(hex64)", nil
            ),
            (["APP_IMAGE_URL": "r/a", "APP_IMAGE_DIGEST": "sha1024:\(hex64)\(hex64)0"], "r/a", nil),
            (["APP_IMAGE_URL": "r/a", "APP_IMAGE_DIGEST": "SHA256:\(hex64)"], "r/a", nil),
            (["APP_IMAGE_URL": "r/a", "APP_IMAGE_DIGEST": "sha256:\(hex64.uppercased())"], "r/a", nil),
            (["APP_IMAGE_URL": "r/a", "APP_IMAGE_DIGEST": "sha256:\(hex64):\(hex64)"], "r/a", nil),
            (["APP_IMAGE_URL": "r/a", "APP_IMAGE_DIGEST": ":\(hex64)"], "r/a", nil),
        ] as [([String: String], String?, String?)])
    func resultsOfAnotherShapeAreNoImageAndNoCommit(
        _ results: [String: String], image: String?, commit: String?
    ) async throws {
        try await LiveCluster.with(retries: 2) { live in
            let build = try await RecordedBuild(
                live, run: Self.succeeded, taskRun: "TaskRun succeeded: status.results")
            let name = try #require(live.taskRun?.at("metadata", "name")?.string)
            let values = results.map { JSONValue.object(["name": .string($0.key), "value": .string($0.value)]) }
            _ = try await live.client.resources(AnyTaskRun.self, namespace: "image-build")
                .mergePatchStatus(name, ["status": ["results": .array(values)]])
            let explained = try await build.end().explained
            #expect(explained.image == image)
            #expect(explained.commit == commit)
        }
    }
}

extension LiveCluster {
    fileprivate var taskRun: Value? {
        cluster.objects(group: "tekton.dev", resource: "taskruns", namespace: "image-build").first
    }
}
