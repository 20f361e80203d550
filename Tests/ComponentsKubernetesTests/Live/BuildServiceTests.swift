import Components
import ComponentsKubernetes
import FakeKubernetes
import JSON
import Kubernetes
import Testing

/// Builds in a cluster.
struct BuildServiceTests {
    private static func build(_ live: LiveCluster) -> (PlannedBuild, DeploymentIdentity) {
        let identity = DeploymentIdentity(id: "demo-deploy-1", tool: live.tool)
        return (
            PlannedBuild(
                component: "web", id: DeploymentNames.build(of: "web", deployment: identity),
                repository: "https://example.org/w", ref: nil), identity
        )
    }

    private static let denial =
        "admission webhook \"validation.webhook.pipeline.tekton.dev\" denied the request: validation failed: "
        + "invalid value: Once the PipelineRun is complete, no updates are allowed"

    @Test func aBuildIsStartedOnceHoweverOftenItIsAskedFor() async throws {
        try await LiveCluster.with { live in
            let (build, deployment) = Self.build(live)
            let missing = try await live.builds.observe(build, of: deployment)
            #expect(missing == nil)
            for _ in 0..<2 { #expect(await live.builds.start(build, of: deployment) == .started) }
            #expect(live.runs.count == 1)
            #expect(live.runs.first?.at("metadata", "labels", "deploy.toolforge.org/tool") == "demo")
            #expect(try await live.builds.observe(build, of: deployment)?.phase == .pending)
            try await live.setCondition(of: build.id, "Unknown", reason: "Running")
            #expect(
                try await live.builds.observe(build, of: deployment) == BuildObservation(phase: .running, message: "m"))
        }
    }

    @Test func aBuildGetsTheImagesAndTheVariablesThatItAsksFor() async throws {
        try await LiveCluster.with { live in
            var (build, deployment) = Self.build(live)
            build.options = BuildOptions(
                versions: .deprecated, environment: [EnvironmentVariable(name: "NODE_ENV", value: "a=b")])
            #expect(await live.builds.start(build, of: deployment) == .started)
            func parameter(_ name: String) -> Value? {
                live.runs.first?.at("spec", "params")?.array?.first { $0["name"]?.string == name }?["value"]
            }
            #expect(parameter("ENV_VARS") == ["NODE_ENV=a=b"])
            #expect(parameter("BUILDER_IMAGE")?.string == BuildSettings.Images.stack22.builder)
            #expect(parameter("RUN_IMAGE")?.string == BuildSettings.Images.stack22.run)
        }
    }

    @Test func whatTheClusterRepeatsIsShownWithoutTheValuesOfVariables() async throws {
        try await LiveCluster.with { live in
            var (build, deployment) = Self.build(live)
            build.options.environment = [EnvironmentVariable(name: "NAME", value: "hunter2")]
            let refusal = LiveCluster.refusal(422, "Invalid", "spec.params[6].value: Invalid value: NAME=hunter2")
            try live.cluster.setFaults([LiveCluster.fault("create", "pipelineruns", refusal)])
            guard case .refused(let reason) = await live.builds.start(build, of: deployment) else {
                Issue.record("it was refused")
                return
            }
            #expect(reason.contains("NAME=•••"))
        }
    }

    @Test(arguments: ["before", "after"])
    func aCreationWithoutAnAnswerIsRepeatedAndRunsOnce(_ moment: String) async throws {
        try await LiveCluster.with(retries: 1) { live in
            let (build, deployment) = Self.build(live)
            try live.cluster.setFaults([LiveCluster.fault("create", "pipelineruns", ["drop": .string(moment)])])
            #expect(await live.builds.start(build, of: deployment) == .started)
            #expect(live.runs.count == 1)
        }
    }

    @Test(arguments: [
        LiveCluster.refusal(
            403, "Forbidden", "pipelineruns is forbidden: exceeded quota: q, requested: 1, used: 1, limited: 1"),
        LiveCluster.refusal(400, "BadRequest", denial), LiveCluster.refusal(422, "Invalid", "no"),
    ])
    func aRefusalAfterALostAnswerSettlesNothing(_ refusal: Value) async throws {
        try await LiveCluster.with(retries: 1) { live in
            let (build, deployment) = Self.build(live)
            try live.cluster.setFaults([
                LiveCluster.fault("create", "pipelineruns", ["drop": "after"]),
                LiveCluster.fault("create", "pipelineruns", refusal),
            ])
            guard case .unconfirmed = await live.builds.start(build, of: deployment) else {
                Issue.record("the build runs and was called refused")
                return
            }
            #expect(live.runs.count == 1)
        }
    }

    @Test(arguments: [
        (LiveCluster.refusal(400, "BadRequest", denial), denial),
        (LiveCluster.refusal(422, "Invalid", "spec.params: Invalid value"), "spec.params: Invalid value"),
    ])
    func aRefusalIsAskedOnceAndKeepsTheClustersWords(_ refusal: Value, words: String) async throws {
        try await LiveCluster.with(retries: 3) { live in
            let (build, deployment) = Self.build(live)
            try live.cluster.setFaults([LiveCluster.fault("create", "pipelineruns", refusal, times: nil)])
            guard case .refused(let reason) = await live.builds.start(build, of: deployment) else {
                Issue.record("it was refused")
                return
            }
            #expect(reason.contains(words))
            #expect(!reason.contains("system:"))
            #expect(live.calls() == ["create pipelineruns"])
        }
    }

    @Test(arguments: [
        (LiveCluster.refusal(403, "Forbidden", "exceeded quota: q"), Reason.quotaFull, "exceeded quota: q"),
        (
            LiveCluster.refusal(403, "Forbidden", "User \"system:serviceaccount:a:b\" cannot"), .clusterRefused,
            "tell Toolforge's admins"
        ),
        (
            LiveCluster.refusal(404, "NotFound", "the server could not find the requested resource"), .clusterRefused,
            "does not know"
        ),
    ])
    func whatAnAdminHasToMendIsNoRefusalOfTheBuild(_ refusal: Value, reason: Reason, words: String) async throws {
        try await LiveCluster.with(retries: 3) { live in
            let (build, deployment) = Self.build(live)
            try live.cluster.setFaults([LiveCluster.fault("create", "pipelineruns", refusal)])
            guard case .deferred(reason, let message) = await live.builds.start(build, of: deployment) else {
                Issue.record("it can be tried again")
                return
            }
            #expect(message.contains(words))
            #expect(!message.contains("system:"))
            #expect(await live.builds.start(build, of: deployment) == .started)
        }
    }

    @Test(arguments: [(429, "TooManyRequests"), (500, "InternalError"), (503, "ServiceUnavailable"), (504, "Timeout")])
    func whatMayPassIsNoRefusal(_ status: Int64, reason: String) async throws {
        try await LiveCluster.with { live in
            let (build, deployment) = Self.build(live)
            try live.cluster.setFaults([
                LiveCluster.fault("create", "pipelineruns", LiveCluster.refusal(status, reason, "not now"))
            ])
            guard case .unconfirmed = await live.builds.start(build, of: deployment) else {
                Issue.record("nobody knows whether it runs")
                return
            }
        }
    }

    @Test func aNamespaceOfBuildsThatIsMissingIsForAnAdmin() async throws {
        try await LiveCluster.with { live in
            let (build, deployment) = Self.build(live)
            let elsewhere = TektonBuildService(
                client: live.client, settings: BuildSettings(namespace: "nowhere"), logger: LiveCluster.logger)
            guard case .deferred(.clusterRefused, let message) = await elsewhere.start(build, of: deployment) else {
                Issue.record("there is nowhere to build")
                return
            }
            #expect(message.contains("nowhere"))
            #expect(try await elsewhere.observe(build, of: deployment) == nil)
            try await elsewhere.cancel(build, of: deployment)
        }
    }

    @Test func aBuildIsCancelledAndOneThatIsGoneIsNoError() async throws {
        try await LiveCluster.with { live in
            let (build, deployment) = Self.build(live)
            try await live.builds.cancel(build, of: deployment)
            _ = await live.builds.start(build, of: deployment)
            try await live.builds.cancel(build, of: deployment)
            #expect(live.runs.first?.at("spec", "status") == "CancelledRunFinally")
        }
    }

    @Test func aBuildThatIsPreventedIsCancelledOrFindsItsNameTaken() async throws {
        try await LiveCluster.with { live in
            let (build, deployment) = Self.build(live)
            try await live.builds.prevent(build, of: deployment)
            #expect(live.calls() == ["patch pipelineruns", "create pipelineruns"])
            #expect(live.runs.first?.at("spec", "status") == "Cancelled")
            // Whoever comes late is told that it is there, as after any creation that was repeated.
            #expect(await live.builds.start(build, of: deployment) == .started)
            #expect(live.runs.count == 1)
            #expect(live.runs.first?.at("spec", "status") == "Cancelled")
            try await live.delete(run: build.id)

            _ = await live.builds.start(build, of: deployment)
            live.cluster.clearJournal()
            try await live.builds.prevent(build, of: deployment)
            #expect(live.calls() == ["patch pipelineruns"])
            #expect(live.runs.first?.at("spec", "status") == "CancelledRunFinally")
        }
    }

    @Test(arguments: ["before", "after"])
    func aPreventionWhoseAnswerWasLostStillTakesTheName(_ moment: String) async throws {
        try await LiveCluster.with(retries: 1) { live in
            let (build, deployment) = Self.build(live)
            try live.cluster.setFaults([LiveCluster.fault("create", "pipelineruns", ["drop": .string(moment)])])
            try await live.builds.prevent(build, of: deployment)
            #expect(live.runs.count == 1)
            #expect(live.runs.first?.at("spec", "status")?.string?.hasPrefix("Cancelled") == true)
        }
    }

    @Test func whereNoBuildCanBeCreatedNoneNeedsToBePrevented() async throws {
        try await LiveCluster.with { live in
            let (build, deployment) = Self.build(live)
            try live.cluster.setFaults([
                LiveCluster.fault("create", "pipelineruns", LiveCluster.refusal(403, "Forbidden", "exceeded quota: q"))
            ])
            try await live.builds.prevent(build, of: deployment)
            #expect(live.runs.isEmpty)
            // That the cluster is away settles nothing.
            try live.cluster.setFaults([
                LiveCluster.fault("create", "pipelineruns", LiveCluster.refusal(503, "ServiceUnavailable", "no"))
            ])
            await #expect(throws: ClusterFailure.self) { try await live.builds.prevent(build, of: deployment) }
        }
    }

    @Test func aRunThatHasEndedNeedNoCancellation() async throws {
        try await LiveCluster.with { live in
            let (build, deployment) = Self.build(live)
            _ = await live.builds.start(build, of: deployment)
            try live.cluster.setFaults([
                LiveCluster.fault(
                    "patch", "pipelineruns", LiveCluster.refusal(400, "BadRequest", Self.denial), times: 2, skip: 1)
            ])
            // One that runs on is another matter: that refusal is told.
            try await live.setCondition(of: build.id, "Unknown", reason: "Running")
            await #expect(throws: ClusterFailure.refused(reason: Self.denial)) {
                try await live.builds.cancel(build, of: deployment)
            }
            try live.cluster.setFaults([
                LiveCluster.fault("patch", "pipelineruns", LiveCluster.refusal(400, "BadRequest", Self.denial), skip: 1)
            ])
            try await live.setCondition(of: build.id, "True", reason: "Succeeded")
            try await live.builds.cancel(build, of: deployment)
        }
    }

    @Test func aRunThatIsNotThisBuildIsAnErrorThatSaysSo() async throws {
        try await LiveCluster.with { live in
            let (build, deployment) = Self.build(live)
            _ = try await live.client.resources(AnyRun.self, namespace: "image-build").create(
                AnyRun(json: ["metadata": ["name": .string(build.id)], "spec": ["pipelineRef": ["name": "x"]]]))
            let observation = try await live.builds.observe(build, of: deployment)
            #expect(observation?.phase == .failed)
            #expect(observation?.message.contains("taken") == true)
        }
    }
}
