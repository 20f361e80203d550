import Components
import JSON
import Kubernetes
import Testing

@testable import ComponentsKubernetes

/// What a real Tekton wrote into its runs, and what users are told of it.
struct PipelineRunObservationTests {
    @Test(
        arguments: [
            ("create", BuildPhase.pending, nil, "waiting for the cluster to start it"),
            ("running", .running, nil, "Tasks Completed: 0 (Failed: 0, Cancelled 0), Incomplete: 1, Skipped: 0"),
            ("succeeded", .succeeded, nil, "Tasks Completed: 1 (Failed: 0, Cancelled 0), Skipped: 0"),
            (
                "failed: a step ended with a code other than 0", .failed, .buildFailed,
                "the build failed: Tasks Completed: 1 (Failed: 1, Cancelled 0), Skipped: 0; "
            ),
            (
                "no such pipeline", .failed, .pipelineMissing,
                "the cluster does not have the pipeline that builds: Error "
            ),
            ("a parameter is missing", .failed, .clusterRefused, "the cluster refused the build: ParameterMissing: "),
            ("ran out of time", .timedOut, .buildTimedOut, "the build took longer than it may: PipelineRun "),
            (
                "a name of 74 characters fails afterwards", .failed, .clusterRefused,
                "the cluster refused the build: CreateRunFailed: "
            ),
            ("pending", .pending, nil, ""), ("released: running", .running, nil, ""),
            ("cancelled", .cancelled, .cancelled, "it was cancelled; "),
        ] as [(String, BuildPhase, Reason?, String)])
    func readsEveryRecordedState(_ name: String, phase: BuildPhase, reason: Reason?, message: String) throws {
        let answer = try #require(try Recordings.answers("pipelineruns")[name])
        let observation = try PipelineRunObject(json: answer).observation
        #expect(observation.phase == phase)
        #expect(observation.reason == reason)
        #expect(observation.message.hasPrefix(message))
        #expect(phase == .pending || !observation.message.isEmpty)
        #expect((observation.endedAt != nil) == phase.isTerminal)
        let hasBegun = answer["status"]?["childReferences"] != nil
        #expect(observation.taskRun?.hasSuffix("-build-from-git") == (hasBegun ? true : nil))
    }

    @Test func theTaskThatBuildsIsTheOneThatTellsMore() throws {
        func child(_ name: String, _ task: String, kind: String = "TaskRun") -> JSONValue {
            ["kind": .string(kind), "name": .string(name), "pipelineTaskName": .string(task)]
        }
        func taskRun(_ children: [JSONValue]) throws -> String? {
            let status: JSONValue = ["childReferences": .array(children)]
            return try PipelineRunObject(json: ["metadata": ["name": "x"], "status": status]).observation.taskRun
        }
        let check = child("a", "check")
        let build = child("b", "build-from-git")
        #expect(try taskRun([check, build]) == "b")
        #expect(try taskRun([child("c", "build-from-git", kind: "CustomRun"), check]) == "a")
        #expect(try taskRun([]) == nil)
        #expect(try taskRun([[:], 1]) == nil)
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
