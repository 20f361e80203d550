import Components
import JSON
import Kubernetes
import Testing

@testable import ComponentsKubernetes

/// What a real Tekton wrote into its runs, and what users are told of it.
struct PipelineRunObservationTests {
    @Test(arguments: [
        ("create", BuildPhase.pending, "waiting for the cluster to start it"),
        ("running", .running, "Tasks Completed: 0 (Failed: 0, Cancelled 0), Incomplete: 1, Skipped: 0"),
        ("succeeded", .succeeded, "Tasks Completed: 1 (Failed: 0, Cancelled 0), Skipped: 0"),
        (
            "failed: a step ended with a code other than 0", .failed,
            "Tasks Completed: 1 (Failed: 1, Cancelled 0), Skipped: 0"
        ),
        ("no such pipeline", .failed, "CouldntGetPipeline: "),
        ("a parameter is missing", .failed, "ParameterMissing: "),
        ("ran out of time", .timedOut, "PipelineRunTimeout: "),
        ("a name of 74 characters fails afterwards", .failed, "CreateRunFailed: "),
        ("pending", .pending, ""), ("released: running", .running, ""), ("cancelled", .cancelled, "Cancelled: "),
    ])
    func readsEveryRecordedState(_ name: String, phase: BuildPhase, message: String) throws {
        let answer = try #require(try Recordings.answers("pipelineruns")[name])
        let observation = try PipelineRunObject(json: answer).observation
        #expect(observation.phase == phase)
        #expect(observation.message.hasPrefix(message))
        #expect(phase == .pending || !observation.message.isEmpty)
    }

    @Test func aStatusOfAnotherShapeWaitsInsteadOfTrapping() throws {
        let metadata: JSONValue = ["name": "x"]
        for status: JSONValue in [nil, [], "x", ["conditions": [:]], ["conditions": [1, "x", [:]]]] {
            let run = try PipelineRunObject(json: ["metadata": metadata, "status": status])
            #expect(run.observation.phase == .pending)
        }
    }

    @Test func aLongMessageIsCutToWhatTheRecordHasRoomFor() throws {
        let long = JSONValue.string(String(repeating: "é", count: 5_000))
        let condition: JSONValue = ["type": "Succeeded", "status": "False", "reason": "Failed", "message": long]
        let run = try PipelineRunObject(json: ["metadata": ["name": "x"], "status": ["conditions": [condition]]])
        #expect(run.observation.message.unicodeScalars.count == 1_024)
    }
}
