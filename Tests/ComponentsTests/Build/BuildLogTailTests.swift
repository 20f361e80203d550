import JSON
import Testing

@testable import Components

/// What is kept of the log of a build that ended badly.
struct BuildLogTailTests {
    private func tail(_ lines: [String], limit: Int = 4_096) -> [String] {
        let lines = lines.map { BuildLogLine(text: Array($0.utf8)[...]) }
        return BuildLogTail(step: "build", exitCode: 1, endOf: lines, limit: limit).lines
    }

    @Test func theLastLinesAreKeptAsManyAsHaveRoom() {
        #expect(tail(["one", "two", "three"], limit: 10) == ["two", "three"])
        #expect(tail(["one", "two", "three"], limit: 13) == ["two", "three"])
        #expect(tail(["one", "two", "three"], limit: 14) == ["one", "two", "three"])
        #expect(tail([]).isEmpty)
        for limit in 1...200 {
            let lines = tail((0..<50).map { "line \($0) é" }, limit: limit)
            #expect(lines.joined(separator: "\n").utf8.count <= limit || lines == ["…"])
        }
    }

    @Test func ofALineThatIsTooLongTheEndIsKept() {
        #expect(tail(["first", "0123456789"], limit: 10) == ["…456789"])
        #expect(tail(["ééééé"], limit: 10) == ["…ééé"])
    }

    @Test func whatATerminalWouldObeyIsLeftOut() {
        #expect(tail(["\u{1B}[31;1mred\u{1B}[0m\ttab\u{07}\u{00}\rbell \u{85}next"]) == ["red\ttabbell next"])
        #expect(tail(["cut \u{1B}[", "\u{1B}"]) == ["cut ", ""])
    }

    @Test func allBuildsOfADeploymentHaveRoomTogether() {
        for count in [1, 2, 16, 17, 50, 100] {
            let limit = BuildLogTail.limit(ofBuilds: count)
            #expect(limit <= 4_096 && limit * count <= 65_536)
        }
        #expect(BuildLogTail.limit(ofBuilds: 16) == 4_096)
    }
}

extension BuildLogTests {
    private func kept(_ fixture: ServiceFixture, _ id: String) async throws -> BuildLogTail? {
        try await fixture.service().deployment(id, of: fixture.tool).builds.first?.logTail
    }

    /// A deployment of one build that runs, and has written a line.
    private func running(_ config: JSONValue? = nil) async throws -> (ServiceFixture, String, String) {
        let fixture = try await ServiceFixture(components: ["web"])
        if let config { await fixture.world.configure { $0.config = config } }
        let deployment = try await fixture.service().deploy(fixture.tool).deployment
        let build = deployment.builds[0].id
        await fixture.world.configure {
            $0.runs[build]?.phase = .running
            $0.logs[build] = ["make: correct-horse: no such target"]
        }
        _ = try await fixture.service().deployment(deployment.id, of: fixture.tool)
        return (fixture, deployment.id, build)
    }

    @Test func theEndOfTheLogOfABuildThatFailsIsKept() async throws {
        let (fixture, id, build) = try await running()
        #expect(try await kept(fixture, id) == nil)
        await fixture.world.configure { $0.runs[build]?.phase = .failed }
        let tail = BuildLogTail(step: "build", exitCode: 1, lines: ["make: correct-horse: no such target"])
        #expect(try await kept(fixture, id) == tail)
        // The log is gone, and what was kept is not.
        await fixture.world.configure { $0.logs[build] = nil }
        #expect(try await kept(fixture, id) == tail)
        let log = try await fixture.service().buildLog(of: "web", in: id, of: fixture.tool, BuildLogQuery())
        var events: [BuildLogEvent] = []
        try await log.forEach { events.append($0) }
        #expect(
            events == [
                .lines(step: "build", [BuildLogLine(text: Array("make: correct-horse: no such target".utf8)[...])]),
                .note(.gone(isKept: true)),
            ])
    }

    @Test func theEndOfTheLogTellsWhyABuildFailed() async throws {
        let (fixture, id, build) = try await running()
        await fixture.world.configure {
            $0.runs[build]?.phase = .failed
            $0.logs[build] = ["ERROR: No buildpack groups passed detection.", "ERROR: Please check the path."]
        }
        let failed = try await fixture.service().deployment(id, of: fixture.tool).builds[0]
        #expect(failed.reason == .buildpackNotDetected)
        #expect(
            failed.message
                == "\(Reason.buildpackNotDetected.sentence) (step build, exit code 1): ERROR: No buildpack groups passed "
                + "detection.; \(Reason.buildpackNotDetected.nextStep)")
    }

    @Test func theLogAddsToNothingThatIsKnown() {
        let tail = BuildLogTail(step: "build", exitCode: 1, lines: ["ERROR: No buildpack groups passed detection."])
        for (phase, reason) in [
            (BuildPhase.failed, Reason.evicted), (.cancelled, nil), (.timedOut, .buildTimedOut), (.succeeded, nil),
        ] {
            let observation = BuildObservation(phase: phase, reason: reason, message: "m")
            let explained = observation.explained(by: tail)
            #expect(explained.reason == reason && explained.message == "m" && explained.logTail == tail)
        }
        let failed = BuildObservation(phase: .failed, reason: .buildFailed, message: "m")
        #expect(failed.explained(by: tail).reason == .buildpackNotDetected)
        // A step that was still at work, or did not fail, is no cause.
        for exitCode in [nil, 0] {
            let other = BuildLogTail(step: "build", exitCode: exitCode, lines: tail.lines)
            #expect(failed.explained(by: other).reason == .buildFailed)
        }
        #expect(failed.explained(by: nil) == failed)
    }

    @Test func theEndOfTheLogOfABuildThatIsCancelledIsReadFirst() async throws {
        let (fixture, id, build) = try await running()
        let deployment = try await fixture.service().cancelDeployment(id, of: fixture.tool)
        #expect(deployment.phase == .cancelling || deployment.phase == .cancelled)
        await fixture.world.configure {
            $0.logs[build] = nil
            $0.runs[build]?.phase = .cancelled
        }
        let tail = BuildLogTail(step: "build", exitCode: nil, lines: ["make: correct-horse: no such target"])
        #expect(try await kept(fixture, id) == tail)
    }

    /// What a build waits for is asked once it has run for a minute: that is not its end.
    @Test func nothingIsKeptOfABuildThatGoesOn() async throws {
        let (fixture, id, build) = try await running()
        let start = fixture.clock.now()
        await fixture.world.configure { $0.runs[build]?.startedAt = start }
        fixture.clock.advance(by: 90)
        #expect(try await kept(fixture, id) == nil)
        await fixture.world.configure {
            $0.runs[build]?.phase = .failed
            $0.logs[build] = ["the last line"]
        }
        #expect(try await kept(fixture, id)?.lines == ["the last line"])
    }

    @Test func nothingIsKeptOfABuildThatSucceeds() async throws {
        let (fixture, id, build) = try await running()
        await fixture.world.configure { $0.runs[build]?.phase = .succeeded }
        #expect(try await kept(fixture, id) == nil)
    }

    @Test func noSecretIsKept() async throws {
        let (fixture, id, build) = try await running([
            "components": [
                "web": [
                    "build": ["repository": "https://example.org/web.git", "envvars": ["PASSWORD": "correct-horse"]]
                ]
            ]
        ])
        await fixture.world.configure { $0.runs[build]?.phase = .failed }
        #expect(try await kept(fixture, id)?.lines == ["make: ***: no such target"])
    }
}
