import Logging
import Testing

@testable import Components

/// Whether the service can be used, and what it says of what does not work.
@Suite struct ReadinessTests {
    private struct Rights: ServiceRights {
        var answer: Result<[MissingRight], ClusterFailure> = .success([])
        func missing() async throws(ClusterFailure) -> [MissingRight] { try answer.get() }
    }

    private static func check(
        _ rights: Rights?, warnings: [String] = []
    ) async throws -> Result<[String], ComponentsError> {
        let fixture = try await ServiceFixture()
        let ports = Ports(world: fixture.world, process: 0)
        let readiness = CheckReadiness(configs: ports, rights: rights, warnings: { warnings })
        do throws(ComponentsError) {
            return .success(try await readiness())
        } catch {
            return .failure(error)
        }
    }

    @Test func whatIsCompleteIsReadyWithoutAWord() async throws {
        #expect(try await Self.check(nil) == .success([]))
        #expect(try await Self.check(Rights()) == .success([]))
    }

    @Test func whatDoesNotKeepItFromBeingUsedIsAWarning() async throws {
        let missing = [MissingRight(name: "create events", isEssential: false)]
        let warnings = try await Self.check(Rights(answer: .success(missing)), warnings: ["No watch."]).get()
        #expect(warnings.count == 2)
        #expect(warnings.first?.contains("create events") == true)
        #expect(warnings.last == "No watch.")
    }

    @Test func withoutAnEssentialRightItIsNotReadyAndNamesIt() async throws {
        let missing = [
            MissingRight(name: "patch toolconfigs", isEssential: true),
            MissingRight(name: "create events", isEssential: false),
        ]
        guard
            case .failure(.cluster(.unavailable(let reason, _), about: .service)) =
                try await Self.check(Rights(answer: .success(missing)))
        else {
            Issue.record("it is ready")
            return
        }
        #expect(reason.contains("patch toolconfigs"))
        #expect(!reason.contains("events"))
    }

    @Test func whenNobodyAnswersItIsNotReady() async throws {
        let result = try await Self.check(Rights(answer: .failure(.timedOut(mayHaveHappened: false))))
        guard case .failure(.cluster(.unavailable, about: .service)) = result else {
            Issue.record("it is ready")
            return
        }
    }

    @Test func whileItIsFrozenNoDeploymentStarts() async throws {
        let fixture = try await ServiceFixture()
        let ports = Ports(world: fixture.world, process: 0)
        let service = ComponentsService(
            configs: ports, deployments: ports, builds: ports, goodBuilds: ports, logs: ports,
            freeze: "Harbor is down.", logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        await #expect(throws: ComponentsError.frozen("Harbor is down.")) { try await service.deploy(fixture.tool) }
        #expect(await fixture.world.look { $0.records.isEmpty })
        _ = try await service.config(of: fixture.tool)
    }
}
