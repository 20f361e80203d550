import Components
import ComponentsKubernetes
import FakeKubernetes
import JSON
import Kubernetes
import Testing

/// The whole service over a cluster that fails, refuses, is full, or is on its way out.
struct ServiceFaultTests {
    private static let config: JSONValue = [
        "components": [
            "api": ["build": ["repository": "https://example.org/a"]],
            "web": ["build": ["repository": "https://example.org/w", "ref": "v1"]],
        ]
    ]

    private static func withConfig(
        retries: Int = 0, _ body: @escaping @Sendable (LiveCluster) async throws -> Void
    ) async throws {
        try await LiveCluster.with(retries: retries) { live in
            _ = try await live.service().store(config: config, for: live.tool)
            live.cluster.clearJournal()
            try await body(live)
        }
    }

    /// Every write of a deploy loses its answer once, before it is done and after: one record, each build once.
    @Test(arguments: ["create tooldeployments", "create pipelineruns", "patch tooldeployments"], ["before", "after"])
    func aLostAnswerLeavesOneOfEverything(_ call: String, _ moment: String) async throws {
        try await Self.withConfig(retries: 1) { live in
            let words = call.split(separator: " ").map(String.init)
            try live.cluster.setFaults([LiveCluster.fault(words[0], words[1], ["drop": .string(moment)])])
            let started = try await live.service().deploy(live.tool)
            #expect(started.warnings.isEmpty)
            #expect(live.records.count == 1)
            #expect(live.runs.count == 2)
            let record = try #require(try await live.deployments.read(started.deployment.id, of: live.tool))
            #expect(record.status.builds.values.allSatisfy { $0.start == .created })
        }
    }

    @Test func aRecordThatNobodyHeardOfIsFinishedByWhoAsksForTheIDInTheError() async throws {
        try await Self.withConfig { live in
            try live.cluster.setFaults([
                LiveCluster.fault("create", "tooldeployments", ["drop": "after"]),
                LiveCluster.fault("get", "tooldeployments", ["drop": "before"]),
            ])
            var told = ""
            do {
                _ = try await live.service().deploy(live.tool)
            } catch {
                told = "\(error)"
            }
            let id = try #require(live.records.first?.at("metadata", "name")?.string)
            #expect(told.contains(id))
            _ = try await live.service().deployment(id, of: live.tool)
            #expect(live.runs.count == 2)
        }
    }

    @Test func oneBuildThatIsRefusedIsAnErrorInTheClustersWordsAndTheOtherGoesOn() async throws {
        try await Self.withConfig { live in
            let denial = "admission webhook \"w\" denied the request: no such pipeline"
            try live.cluster.setFaults([
                LiveCluster.fault("create", "pipelineruns", LiveCluster.refusal(400, "BadRequest", denial))
            ])
            let started = try await live.service().deploy(live.tool).deployment
            #expect(started.builds.filter { $0.phase == .failed }.map(\.message) == [denial])
            #expect(started.phase == .running)
            #expect(live.runs.count == 1)
            let other = try #require(started.builds.first { $0.phase == .pending })
            try await live.setCondition(of: other.id, "True", reason: "Succeeded")
            let ended = try await live.service().deployment(started.id, of: live.tool)
            #expect(ended.phase == .failed)
            #expect(live.runs.count == 1)
        }
    }

    @Test func aBuildWaitsForRoomInAQuotaAndStartsWhenThereIsSome() async throws {
        try await Self.withConfig { live in
            try await live.setQuota(of: "pipelineruns.tekton.dev", to: 1, in: "image-build")
            let started = try await live.service().deploy(live.tool).deployment
            let waiting = started.builds.filter { !$0.isCreated }
            #expect(waiting.map(\.phase) == [.pending])
            #expect(waiting.first?.reason == .quotaFull)
            #expect(waiting.first?.message.contains("exceeded quota: q") == true)
            #expect(started.reason == .quotaFull)
            #expect(live.runs.count == 1)
            try await live.setQuota(of: "pipelineruns.tekton.dev", to: 2, in: "image-build")
            let current = try await live.service().deployment(started.id, of: live.tool)
            #expect(current.builds.allSatisfy { $0.isCreated })
            #expect(current.reason == nil)
            #expect(live.runs.count == 2)
        }
    }

    @Test(arguments: [10, 3, 1])
    func aQuotaOfTheToolsNamespaceHolds(_ quota: Int) async throws {
        try await Self.withConfig { live in
            try await live.setQuota(of: "tooldeployments.deploy.toolforge.org", to: quota, in: "tool-demo")
            var ids: [String] = []
            for _ in 0..<quota + 2 { ids.append(try await live.service().deploy(live.tool).deployment.id) }
            let kept = live.records.compactMap { $0.at("metadata", "name")?.string }
            #expect(Set(kept) == Set(ids.suffix(quota)))
            let cancelled = live.runs.count { $0.at("spec", "status") == "CancelledRunFinally" }
            #expect(cancelled == 2 * 2)
        }
    }

    @Test func anOldDeploymentWhoseBuildsHaveEndedUnseenDoesNotStandInTheWay() async throws {
        try await Self.withConfig { live in
            let old = try await live.service(retained: 1).deploy(live.tool).deployment
            for build in old.builds { try await live.setCondition(of: build.id, "True", reason: "Succeeded") }
            let denial =
                "admission webhook \"w\" denied the request: Once the PipelineRun is complete, no updates are allowed"
            try live.cluster.setFaults([
                LiveCluster.fault("patch", "pipelineruns", LiveCluster.refusal(400, "BadRequest", denial), times: nil)
            ])
            let new = try await live.service(retained: 1).deploy(live.tool).deployment
            #expect(live.records.compactMap { $0.at("metadata", "name")?.string } == [new.id])
        }
    }

    @Test func simultaneousDeploysLeaveTheNewestAndNoStrays() async throws {
        try await Self.withConfig(retries: 3) { live in
            let service = live.service(retained: 3)
            await withTaskGroup { group in
                for _ in 0..<8 { group.addTask { _ = try? await service.deploy(live.tool) } }
            }
            let kept = Set(live.records.compactMap { $0.at("metadata", "name")?.string })
            #expect(kept.count == 3)
            for run in live.runs where run.at("spec", "status") != "CancelledRunFinally" {
                let deployment = run.at("metadata", "annotations", "deploy.toolforge.org/deployment")?.string
                #expect(kept.contains(deployment ?? ""), "a build runs on without its record")
            }
        }
    }

    @Test func aToolThatIsBeingDeletedTakesNothingNew() async throws {
        try await Self.withConfig { live in
            let message = "tooldeployments is forbidden: unable to create new content in namespace tool-demo"
            try live.cluster.setFaults([
                LiveCluster.fault("create", "tooldeployments", LiveCluster.refusal(403, "Forbidden", message))
            ])
            // A refusal without the server's cause is in the cluster's own words.
            await #expect {
                try await live.service().deploy(live.tool)
            } throws: { error in
                guard case ComponentsError.cluster(let failure, about: .newDeployment) = error else { return false }
                return failure == .refused(reason: message)
            }
            #expect(live.runs.isEmpty)
        }
    }

    /// What a failure of the first call, a read, is called.
    @Test(arguments: [
        (401, "Unauthorized", "unavailable"), (403, "Forbidden", "failed"),
        (429, "TooManyRequests", "unavailable"), (500, "InternalError", "unavailable"),
        (503, "ServiceUnavailable", "unavailable"), (504, "Timeout", "timedOut"), (400, "BadRequest", "failed"),
        (422, "Invalid", "failed"), (409, "Conflict", "failed"), (418, "Teapot", "invalidResponse"),
    ])
    func aReadThatFailsIsTheClustersFailure(_ status: Int64, reason: String, outcome: String) async throws {
        try await Self.withConfig { live in
            // In this order: a read of the config that fails leaves the list behind, which could still meet a rule.
            for verb in ["list", "get"] {
                try live.cluster.setFaults([
                    [
                        "verb": .string(verb), "times": 1,
                        "action": LiveCluster.refusal(status, reason, "User \"system:serviceaccount:a:b\" said no"),
                    ]
                ])
                do {
                    _ = try await live.service().deploy(live.tool)
                    Issue.record("the call failed")
                } catch ComponentsError.cluster(let failure, _) {
                    #expect("\(failure)".hasPrefix(outcome))
                    #expect(!"\(failure)".contains("system:"))
                }
            }
            #expect(live.records.isEmpty)
        }
    }

    @Test func aRetryAfterOfTheClusterReachesTheUser() async throws {
        try await Self.withConfig { live in
            var refusal = LiveCluster.refusal(503, "ServiceUnavailable", "later")
            refusal["headers"] = ["Retry-After": "7"]
            try live.cluster.setFaults([LiveCluster.fault("get", "toolconfigs", refusal)])
            await #expect {
                try await live.service().config(of: live.tool)
            } throws: { error in
                guard case ComponentsError.cluster(.unavailable(_, let retryAfter), _) = error else { return false }
                return retryAfter == 7
            }
        }
    }

    @Test func aTokenThatIsNoLongerGoodIsTheClusterBeingAway() async throws {
        try await LiveCluster.with(token: "stale") { live in
            await #expect {
                try await live.service().config(of: live.tool)
            } throws: { error in
                guard case ComponentsError.cluster(.unavailable(let reason, _), _) = error else { return false }
                return reason.contains("credentials")
            }
        }
    }
}
