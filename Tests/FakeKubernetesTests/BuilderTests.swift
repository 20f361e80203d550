import Foundation
import Logging
import Testing

@testable import FakeKubernetes

@Suite("The builder")
struct BuilderTests {
    /// A run of the pipeline, ready to be created.
    static func newRun(_ name: String, url: String, reference: String = "main", status: String? = nil) -> Value {
        let parameters = [
            "BUILDER_IMAGE": "b", "RUN_IMAGE": "r", "APP_IMAGE": "a", "SOURCE_URL": url, "SOURCE_REFERENCE": reference,
            "UNRESOLVED_SOURCE_REFERENCE": reference,
        ]
        var run: Value = [
            "apiVersion": "tekton.dev/v1", "kind": "PipelineRun",
            "metadata": ["name": .string(name), "labels": ["user": "demo"]],
            "spec": [
                "pipelineRef": ["name": "buildpacks"],
                "params": .array(parameters.map { ["name": .string($0.key), "value": .string($0.value)] }),
                "workspaces": [["name": "source-ws"], ["name": "cache-ws"], ["name": "aptbuildpack-ws"]],
            ],
        ]
        run.set(status.map { .string($0) }, at: "spec", "status")
        return run
    }

    /// Lets a builder work on a cluster for the time of a test.
    static func with(
        duration: Duration = .zero, parallelism: Int = 8, transports: [String] = ["file"],
        _ test: (BuilderMemoryCluster, PipelineRunBuilder) async throws -> Void
    ) async throws {
        let cluster = BuilderMemoryCluster()
        let settings = BuilderSettings(
            parallelism: parallelism, duration: duration, git: GitSettings(transports: transports))
        let builder = PipelineRunBuilder(cluster: cluster, settings: settings, logger: Logger(label: "test"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await builder.run() }
            defer { group.cancelAll() }
            try await test(cluster, builder)
        }
    }

    static func message(_ run: Value?) -> String? { run.flatMap { PipelineRun($0).condition?["message"]?.string } }

    @Test func buildsWhatIsThereAndWhatComes() async throws {
        try await BuilderGitRepository.with { (repository) async throws in
            try await Self.with { (cluster, _) async throws in
                cluster.create(Self.newRun("one", url: repository.url))
                cluster.create(Self.newRun("two", url: repository.url, reference: "v1"))
                for name in ["one", "two"] {
                    let run = try #require(await cluster.wait(for: "Succeeded", "Failed", of: name))
                    #expect(Self.message(run) == "Tasks Completed: 1 (Failed: 0, Cancelled 0), Skipped: 0")
                    #expect(cluster.reasons(of: name) == ["Running", "Succeeded"])
                    #expect(run.at("metadata", "labels", "tekton.dev/pipeline") == "buildpacks")
                    #expect(run.at("status", "completionTime") != nil)
                }
            }
        }
    }

    @Test func failsInTheWordsOfGit() async throws {
        try await BuilderGitRepository.with { (repository) async throws in
            try await Self.with { (cluster, _) async throws in
                cluster.create(Self.newRun("one", url: repository.url, reference: "nope"))
                let run = await cluster.wait(for: "Succeeded", "Failed", of: "one")
                #expect(
                    Self.message(run) == "Tasks Completed: 1 (Failed: 1, Cancelled 0), Skipped: 0: "
                        + "fatal: Remote branch nope not found in upstream origin")
            }
        }
    }

    @Test func refusesBeforeItBegins() async throws {
        try await Self.with { (cluster, _) async throws in
            var run = Self.newRun("one", url: "file:///x")
            run.set("missing", at: "spec", "pipelineRef", "name")
            cluster.create(run)
            #expect(await cluster.wait(for: "CouldntGetPipeline", of: "one") != nil)
            #expect(cluster.reasons(of: "one") == ["CouldntGetPipeline"])
        }
    }

    @Test func holdsUntilReleased() async throws {
        try await BuilderGitRepository.with { (repository) async throws in
            try await Self.with { (cluster, _) async throws in
                cluster.create(Self.newRun("one", url: repository.url, status: "PipelineRunPending"))
                let held = await cluster.wait(for: "PipelineRunPending", of: "one")
                #expect(Self.message(held) == "PipelineRun \"one\" is pending")
                cluster.setStatus(nil, of: "one")
                #expect(await cluster.wait(for: "Succeeded", of: "one") != nil)
                #expect(cluster.reasons(of: "one") == ["PipelineRunPending", "Running", "Succeeded"])
            }
        }
    }

    @Test func cancelsWhatIsHeld() async throws {
        try await Self.with { (cluster, _) async throws in
            cluster.create(Self.newRun("one", url: "file:///x", status: "PipelineRunPending"))
            _ = await cluster.wait(for: "PipelineRunPending", of: "one")
            cluster.setStatus("Cancelled", of: "one")
            let run = await cluster.wait(for: "Cancelled", of: "one")
            #expect(Self.message(run) == "PipelineRun \"one\" was cancelled")
            #expect(cluster.reasons(of: "one") == ["PipelineRunPending", "Cancelled"])
        }
    }

    @Test func killsGitWhenARunIsCancelledWhileCloning() async throws {
        let listener = try BuilderSilentListener()
        try await Self.with(transports: ["git"]) { (cluster, _) async throws in
            cluster.create(Self.newRun("one", url: "git://127.0.0.1:\(listener.port)/x"))
            try await listener.accept()
            cluster.setStatus("CancelledRunFinally", of: "one")
            #expect(await cluster.wait(for: "Cancelled", of: "one") != nil)
            #expect(try await listener.waitUntilPeerIsGone())
            #expect(cluster.reasons(of: "one") == ["Running", "Cancelled"])
        }
    }

    @Test func killsGitWhenARunIsDeletedWhileCloning() async throws {
        let listener = try BuilderSilentListener()
        try await Self.with(transports: ["git"]) { (cluster, _) async throws in
            cluster.create(Self.newRun("one", url: "git://127.0.0.1:\(listener.port)/x"))
            try await listener.accept()
            cluster.delete("one")
            #expect(try await listener.waitUntilPeerIsGone())
            #expect(cluster.run("one") == nil)
        }
    }

    @Test func killsGitWhenItEndsItself() async throws {
        let listener = try BuilderSilentListener()
        try await Self.with(transports: ["git"]) { (cluster, _) async throws in
            cluster.create(Self.newRun("one", url: "git://127.0.0.1:\(listener.port)/x"))
            try await listener.accept()
        }
        #expect(try await listener.waitUntilPeerIsGone())
    }

    @Test func endsWhatTakesTooLong() async throws {
        try await BuilderGitRepository.with { (repository) async throws in
            try await Self.with(duration: .seconds(3600)) { (cluster, _) async throws in
                var run = Self.newRun("one", url: repository.url)
                run.set("100ms", at: "spec", "timeouts", "pipeline")
                cluster.create(run)
                let ended = await cluster.wait(for: "PipelineRunTimeout", of: "one")
                #expect(Self.message(ended) == "PipelineRun \"one\" failed to finish within \"100ms\"")
            }
        }
    }

    @Test func getsNowhereWhilePausedButCancels() async throws {
        try await BuilderGitRepository.with { (repository) async throws in
            try await Self.with(parallelism: 1) { (cluster, builder) async throws in
                builder.setPaused(true)
                #expect(builder.isPaused)
                cluster.create(Self.newRun("one", url: repository.url))
                cluster.create(Self.newRun("two", url: repository.url))
                cluster.setStatus("Cancelled", of: "one")
                #expect(await cluster.wait(for: "Cancelled", of: "one") != nil)
                #expect(cluster.reasons(of: "two") == [])
                builder.setPaused(false)
                #expect(await cluster.wait(for: "Succeeded", of: "two") != nil)
                #expect(cluster.reasons(of: "one") == ["Cancelled"])
            }
        }
    }

    @Test func writesAgainAfterAConflict() async throws {
        try await BuilderGitRepository.with { (repository) async throws in
            try await Self.with { (cluster, _) async throws in
                cluster.failNextWrites(5)
                cluster.create(Self.newRun("one", url: repository.url))
                let run = try #require(await cluster.wait(for: "Succeeded", of: "one"))
                #expect(run.at("metadata", "annotations", "touched") != nil)
                #expect(cluster.reasons(of: "one") == ["Running", "Succeeded"])
            }
        }
    }

    @Test func leavesAnEndedRunAlone() async throws {
        try await BuilderGitRepository.with { (repository) async throws in
            try await Self.with { (cluster, _) async throws in
                cluster.create(Self.newRun("one", url: repository.url))
                _ = await cluster.wait(for: "Succeeded", of: "one")
                cluster.setStatus("Cancelled", of: "one")
                // A later run shows that the builder has seen the change.
                cluster.create(Self.newRun("two", url: repository.url))
                #expect(await cluster.wait(for: "Succeeded", of: "two") != nil)
                #expect(cluster.reasons(of: "one") == ["Running", "Succeeded"])
            }
        }
    }

    @Test func buildsManyInOrder() async throws {
        try await BuilderGitRepository.with { (repository) async throws in
            try await Self.with(parallelism: 3) { (cluster, builder) async throws in
                builder.setPaused(true)
                let names = (0..<12).map { "run-\($0)" }
                for name in names { cluster.create(Self.newRun(name, url: repository.url)) }
                builder.setPaused(false)
                for name in names { #expect(await cluster.wait(for: "Succeeded", of: name) != nil) }
            }
        }
    }
}
