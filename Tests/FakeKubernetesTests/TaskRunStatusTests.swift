import Foundation
import Testing

@testable import FakeKubernetes

/// The TaskRuns of builds, compared with those that a real Tekton wrote.
@Suite struct TaskRunStatusTests {
    private static func recorded(_ name: String) throws -> Value {
        try RecordedExchange.named(name, in: "taskruns").body
    }

    private static let time = Date(timeIntervalSince1970: 1_790_000_000)
    private static let cancellation = "TaskRun cancelled as the PipelineRun it belongs to has been cancelled."

    /// The TaskRun of the recorded run whose name ends so.
    private static func taskRun(_ suffix: String) throws -> TaskRun {
        var run = try recorded("create; three steps of 1.5 seconds")
        run.set(.string("demo-buildpacks-pipelinerun-\(suffix)"), at: "metadata", "name")
        return TaskRun(PipelineRun(PipelineRun(run).labelled).taskRun(at: time))
    }

    private static func pod(of taskRun: TaskRun) -> BuildPod {
        var pod = BuildPod(taskRun.pod)
        pod.bind(to: "node", at: time)
        pod.prepare(at: time)
        return pod
    }

    /// Compares two statuses but for times, digests of images, and the task, which is compared on its own.
    private static func expect(_ status: Value?, isRecordedAs name: String) throws {
        let ignored: Set = ["imageID", "provenance", "taskSpec"]
        let ours = Replay().translated(try #require(status).without(ignored))
        let theirs = Replay().translated(try #require(try recorded(name)["status"]).without(ignored))
        #expect(ours.differences(from: theirs) == [])
    }

    private static let results: [Value] = [
        [
            "key": "APP_IMAGE_DIGEST",
            "value": "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        ], ["key": "APP_IMAGE_URL", "value": "registry.example/tool-demo/web:latest"],
    ]

    @Test func theTaskRunIsMadeAsRecorded() throws {
        let recorded = try Self.recorded("TaskRun succeeded: status.results")
        let made = try Self.taskRun("ok").value
        for key in ["labels", "annotations", "name", "namespace", "ownerReferences"] {
            #expect(made.at("metadata", key) == recorded.at("metadata", key))
        }
        #expect(made["spec"]?.differences(from: recorded["spec"] ?? [:]) == [])
        let status = TaskRun(made).status(from: Self.pod(of: TaskRun(made)).value, at: Self.time)
        #expect(status["taskSpec"]?.differences(from: recorded.at("status", "taskSpec") ?? [:]) == [])
        #expect(status["provenance"] == recorded.at("status", "provenance"))
    }

    @Test func thePipelineIsShownAsRecorded() throws {
        let recorded = try Self.recorded("PipelineRun running: childReferences")
        let run = PipelineRun(recorded).running(at: Self.time)
        #expect(Replay().translated(run).differences(from: Replay().translated(recorded)) == [])
    }

    @Test func aBuildGoesThroughTheRecordedStates() throws {
        let taskRun = try Self.taskRun("ok")
        var pod = Self.pod(of: taskRun)
        func status() -> Value { taskRun.status(from: pod.value, at: Self.time) }
        try Self.expect(status(), isRecordedAs: "TaskRun: the pod is made, no step has begun")
        pod.begin(at: Self.time)
        try Self.expect(status(), isRecordedAs: "TaskRun running: all steps say running, whichever it is that runs")
        pod.end("clone", .init(), from: Self.time, at: Self.time)
        try Self.expect(status(), isRecordedAs: "TaskRun running: the first step has ended")
        pod.end("build", .init(), from: Self.time, at: Self.time)
        pod.end("export", .init(results: Self.results), from: Self.time, at: Self.time)
        pod.finish(succeeded: true, at: Self.time)
        try Self.expect(status(), isRecordedAs: "TaskRun succeeded: status.results")
    }

    @Test(arguments: [
        ("fails", BuildPod.Exit(code: 1, reason: "Error"), "TaskRun: a step ends with exit code 1"),
        (
            "text", BuildPod.Exit(code: 2, reason: "Error", message: "no buildpack fits"),
            "TaskRun: a step fails; its termination message is not the entrypoint's JSON"
        ),
    ])
    func aFailedStepIsReportedAsRecorded(suffix: String, exit: BuildPod.Exit, name: String) throws {
        let taskRun = try Self.taskRun(suffix)
        var pod = Self.pod(of: taskRun)
        pod.begin(at: Self.time)
        pod.end("clone", .init(), from: Self.time, at: Self.time)
        pod.end("build", exit, from: Self.time, at: Self.time)
        pod.finish(succeeded: false, at: Self.time)
        try Self.expect(taskRun.status(from: pod.value, at: Self.time), isRecordedAs: name)
    }

    @Test func aStepOutOfMemoryEndsTheTaskRunBeforeThePodEnds() throws {
        let taskRun = try Self.taskRun("oom")
        var pod = Self.pod(of: taskRun)
        pod.begin(at: Self.time)
        pod.end("clone", .init(), from: Self.time, at: Self.time)
        pod.end("build", .init(code: 137, reason: "OOMKilled"), from: Self.time, at: Self.time)
        try Self.expect(
            taskRun.status(from: pod.value, at: Self.time),
            isRecordedAs: "TaskRun: a step is OOMKilled (the step after it still says running, and stays so)")
    }

    @Test func aPodDeletedByHandIsReportedAsRecorded() throws {
        let taskRun = try Self.taskRun("gone")
        var pod = Self.pod(of: taskRun)
        pod.begin(at: Self.time)
        pod.end("clone", .init(), from: Self.time, at: Self.time)
        let exit = BuildPod.Exit(code: 143, reason: "Error")
        pod.end("build", exit, from: Self.time, at: Self.time)
        pod.finish(succeeded: false, others: exit, at: Self.time)
        try Self.expect(
            taskRun.status(from: pod.value, at: Self.time),
            isRecordedAs: "TaskRun: the pod is deleted by hand while it runs")
    }

    @Test func anImageThatCannotBePulledIsReportedAsRecorded() throws {
        let taskRun = try Self.taskRun("image")
        var pod = Self.pod(of: taskRun)
        pod.cannotPull(hasGivenUp: false)
        guard case .write(let tolerated)? = taskRun.steps(pod: pod.value, now: Self.time).first else {
            Issue.record("the first failure is tolerated")
            return
        }
        #expect(tolerated["conditions"]?[0]?["status"] == "Unknown")
        pod.cannotPull(hasGivenUp: true)
        let steps = taskRun.steps(pod: pod.value, now: Self.time)
        guard case .write(let status)? = steps.first, steps.last == .deletePod else {
            Issue.record("the TaskRun ends and its pod is deleted: \(steps)")
            return
        }
        try Self.expect(status, isRecordedAs: "TaskRun: ImagePullBackOff")
    }

    @Test func aPodThatCannotBeScheduledIsReportedAsRecorded() throws {
        let taskRun = try Self.taskRun("unsched")
        var pod = BuildPod(taskRun.pod)
        pod.cannotBeScheduled(at: Self.time)
        try Self.expect(
            taskRun.status(from: pod.value, at: Self.time), isRecordedAs: "TaskRun: the pod cannot be scheduled")
    }

    @Test func aCancelledTaskRunIsReportedAsRecorded() throws {
        var value = try Self.taskRun("late").value
        value.set("TaskRunCancelled", at: "spec", "status")
        value.set(.string(PipelineRun.timeoutMessage), at: "spec", "statusMessage")
        let taskRun = TaskRun(value)
        var pod = Self.pod(of: taskRun)
        pod.begin(at: Self.time)
        pod.end("clone", .init(), from: Self.time, at: Self.time)
        let steps = taskRun.steps(pod: pod.value, now: Self.time)
        guard case .write(let status)? = steps.first, steps.last == .deletePod else {
            Issue.record("the TaskRun ends and its pod is deleted: \(steps)")
            return
        }
        try Self.expect(status, isRecordedAs: "TaskRun: timeouts.pipeline ran out")
    }
}
