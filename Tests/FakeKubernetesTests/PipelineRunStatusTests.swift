import Foundation
import Testing

@testable import FakeKubernetes

@Suite("The status of a PipelineRun, as recorded")
struct PipelineRunStatusTests {
    static let topic = "pipelineruns"

    /// The run as it was created, by its name's last part.
    static func created(_ suffix: String) throws -> PipelineRun {
        let exchange = try #require(
            try RecordedExchange.all(of: topic).first {
                $0.status == 201 && $0.body.at("metadata", "name")?.string?.hasSuffix(suffix) == true
            })
        return PipelineRun(exchange.body)
    }

    /// The run with what the controller adds when it first sees it.
    static func adopted(_ suffix: String) throws -> PipelineRun { PipelineRun(try created(suffix).labelled) }

    static func time(_ text: Value?) throws -> Date {
        try Date.ISO8601FormatStyle().parse(try #require(text?.string))
    }

    /// Compares labels and status with the recorded response of that name, but for the pipeline, which was another one.
    static func expect(_ run: Value, isRecordedAs name: String) throws {
        let recorded = try RecordedExchange.named(name, in: topic).body
        #expect(run.at("metadata", "labels") == recorded.at("metadata", "labels"))
        #expect((run.at("status", "pipelineSpec") == nil) == (recorded.at("status", "pipelineSpec") == nil))
        #expect(run["status"]?.without(["pipelineSpec"]) == recorded["status"]?.without(["pipelineSpec"]))
    }

    /// When the recorded run began and ended.
    static func times(of name: String) throws -> (start: Date, end: Date) {
        let status = try #require(try RecordedExchange.named(name, in: topic).body["status"])
        let start = try time(status["startTime"])
        return (start, try status["completionTime"].map { try time($0) } ?? start)
    }

    @Test func isRunning() throws {
        let times = try Self.times(of: "running")
        try Self.expect(Self.adopted("-ok").running(at: times.start), isRecordedAs: "running")
    }

    @Test func hasSucceeded() throws {
        let times = try Self.times(of: "succeeded")
        let running = PipelineRun(try Self.adopted("-ok").running(at: times.start))
        try Self.expect(running.ended(.succeeded, at: times.end), isRecordedAs: "succeeded")
    }

    @Test func hasRunOutOfTime() throws {
        let times = try Self.times(of: "ran out of time")
        let running = PipelineRun(try Self.adopted("-timeout").running(at: times.start))
        let timeout = try #require(running.timeout)
        try Self.expect(running.ended(.timedOut(timeout), at: times.end), isRecordedAs: "ran out of time")
    }

    @Test(arguments: [
        ("-nopipe", "no such pipeline"), ("-noparam", "a parameter is missing"), ("-nows", "a workspace is missing"),
        ("-1234567890", "a name of 74 characters fails afterwards"),
    ])
    func isRefused(suffix: String, name: String) throws {
        let run = try Self.adopted(suffix)
        let refusal = try #require(throws: PipelineRefusal.self) { try BuildpacksPipeline.check(run) }
        let times = try Self.times(of: name)
        try Self.expect(run.ended(.refused(refusal), at: times.end), isRecordedAs: name)
    }

    @Test func isHeldAndThenCancelled() throws {
        let held = try Self.adopted("-queued")
        let pending = try RecordedExchange.named("pending", in: Self.topic).body
        let since = try Self.time(pending.at("status", "conditions")?[0]?["lastTransitionTime"])
        #expect(held.isHeld)
        try Self.expect(held.held(at: since), isRecordedAs: "pending")

        let cancelled = PipelineRun(
            try RecordedExchange.named("cancel one that is still pending", in: Self.topic).body)
        let times = try Self.times(of: "cancelled while pending")
        #expect(cancelled.request == .cancelled)
        try Self.expect(cancelled.ended(.cancelled, at: times.end), isRecordedAs: "cancelled while pending")
    }

    @Test func isCancelledWhileRunning() throws {
        let cancelled = PipelineRun(try RecordedExchange.named("cancel it", in: Self.topic).body)
        let times = try Self.times(of: "cancelled")
        try Self.expect(cancelled.ended(.cancelled, at: times.end), isRecordedAs: "cancelled")
    }

    @Test func hasFailedWithoutAReasonOfItsOwn() throws {
        let recorded = try RecordedExchange.named("failed: a step ended with a code other than 0", in: Self.topic).body
        let expected = try #require(recorded.at("status", "conditions")?[0])
        let run = PipelineRun(try Self.adopted("-ok").running(at: .now)).ended(.failed, at: .now)
        let condition = try #require(PipelineRun(run).condition)
        for key in ["reason", "status", "message"] { #expect(condition[key] == expected[key]) }
    }

    @Test func knowsWhetherARunHasEnded() throws {
        for (suffix, hasEnded) in [("-ok", true), ("-queued", false)] {
            let last = try #require(
                try RecordedExchange.all(of: Self.topic).last {
                    $0.body.at("metadata", "name")?.string?.hasSuffix(suffix) == true && $0.body["status"] != nil
                })
            #expect(PipelineRun(last.body).hasEnded || !hasEnded)
        }
        #expect(try !Self.created("-ok").hasEnded)
    }

    @Test(arguments: [
        ("", "d41d8cd98f00b204e9800998ecf8427e"), ("abc", "900150983cd24fb0d6963f7d28e17f72"),
        (String(repeating: "1234567890", count: 8), "57edf4a22be3c955ac49da2e2107b67a"),
    ])
    func theDigestIsThatOfRFC1321(text: String, digest: String) { #expect(MD5.hexadecimal(of: text) == digest) }

    @Test(arguments: [
        ("3s", "3s"), ("1h", "1h0m0s"), ("90s", "1m30s"), ("1h30m5s", "1h30m5s"), ("500ms", "500ms"), ("1.5s", "1.5s"),
        ("0", "0s"),
    ])
    func durationsAreReadAndWrittenAsByGo(text: String, written: String) throws {
        #expect(try #require(GoDuration(text)).description == written)
    }

    @Test(arguments: ["", "3", "s", "-1s", "1d", "1 s"])
    func otherTextsAreNoDurations(text: String) { #expect(GoDuration(text) == nil) }
}
