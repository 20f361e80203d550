import JSON
import Testing

@testable import Components

/// Which build's log is read, and what is hidden in it.
struct BuildLogTests {
    private func events(
        _ fixture: ServiceFixture, _ component: String, in id: String? = nil
    ) async throws -> [BuildLogEvent] {
        let id = if let id { id } else { try await fixture.service().latestDeploymentID(of: fixture.tool) }
        let log = try await fixture.service().buildLog(of: component, in: id, of: fixture.tool, BuildLogQuery())
        var events: [BuildLogEvent] = []
        try await log.forEach { events.append($0) }
        return events
    }

    private func line(_ text: String, step: String = "build") -> BuildLogEvent {
        .lines(step: step, [BuildLogLine(text: Array(text.utf8)[...])])
    }

    /// A deployment whose builds have logs of one line, their own name.
    private func deployed(_ config: JSONValue? = nil) async throws -> (ServiceFixture, StartedDeployment) {
        let fixture = try await ServiceFixture()
        if let config { await fixture.world.configure { $0.config = config } }
        let started = try await fixture.service().deploy(fixture.tool)
        for build in started.deployment.builds {
            await fixture.world.configure { $0.logs[build.id] = ["log of \(build.component), correct-horse"] }
        }
        return (fixture, started)
    }

    @Test func theLogIsThatOfTheComponentsBuild() async throws {
        let (fixture, started) = try await deployed()
        #expect(try await events(fixture, "web", in: started.deployment.id) == [line("log of web, correct-horse")])
        #expect(try await events(fixture, "api") == [line("log of api, correct-horse")])
    }

    @Test func aComponentThatReusesABuildShowsThatOne() async throws {
        let (fixture, _) = try await deployed([
            "components": [
                "web": ["build": ["repository": "https://example.org/web.git"]],
                "worker": ["build": ["reuse_from": "web"]],
            ]
        ])
        #expect(
            try await events(fixture, "worker") == [.note(.isBuild(of: "web")), line("log of web, correct-horse")])
    }

    @Test func valuesThatABuildIsGivenAreHidden() async throws {
        let (fixture, _) = try await deployed([
            "components": [
                "web": [
                    "build": [
                        "repository": "https://example.org/web.git",
                        "envvars": ["PASSWORD": "correct-horse", "NUMBER": "12345678", "SHORT": "log"],
                    ]
                ]
            ]
        ])
        #expect(try await events(fixture, "web") == [line("log of web, ***")])
    }

    @Test func whatIsNotThereIsAnError() async throws {
        let (fixture, started) = try await deployed()
        let identity = DeploymentIdentity(id: started.deployment.id, tool: fixture.tool)
        await #expect(throws: ComponentsError.componentMissing(identity, component: "x", known: ["api", "web"])) {
            try await events(fixture, "x")
        }
        for id in ["demo-deploy-x", "../x", ""] {
            await #expect(throws: ComponentsError.deploymentMissing(fixture.tool, id: id)) {
                try await events(fixture, "web", in: id)
            }
        }
    }

    @Test func aBuildThatWasRefusedHasNoLog() async throws {
        let fixture = try await ServiceFixture(components: ["web"])
        let service = fixture.service { call in
            if case .start = call { .before(.refused(reason: "a policy says no")) } else { nil }
        }
        _ = try await service.deploy(fixture.tool)
        let found = try await events(fixture, "web")
        guard case .note(.neverStarted(let why))? = found.first else {
            Issue.record("\(found)")
            return
        }
        #expect(why.contains("a policy says no"))
    }

    @Test func theClustersFailureIsAnError() async throws {
        let (fixture, started) = try await deployed()
        let service = fixture.service { call in
            if case .log = call { .before(.timedOut(mayHaveHappened: false)) } else { nil }
        }
        let identity = DeploymentIdentity(id: started.deployment.id, tool: fixture.tool)
        await #expect(
            throws: ComponentsError.cluster(.timedOut(mayHaveHappened: false), about: .deployment(identity))
        ) {
            _ = try await service.buildLog(of: "web", in: identity.id, of: fixture.tool, BuildLogQuery())
        }
    }
}
