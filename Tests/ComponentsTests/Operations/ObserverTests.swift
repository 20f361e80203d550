import Foundation
import JSON
import Logging
import Synchronization
import Testing

@testable import Components

/// What observers are told, however many requests and processes look after one deployment.
struct ObserverTests {
    final class Recorder: DeploymentObserver {
        private let told = Mutex<[DeploymentChange]>([])

        func deploymentChanged(_ change: DeploymentChange) { told.withLock { $0.append(change) } }

        /// What was told, a word for each, with the component, phase or id that tells it apart.
        var words: [String] {
            told.withLock { $0 }.map { change in
                switch change {
                case .recorded: "recorded"
                case .resumed: "resumed"
                case .stopped: "stopped"
                case .buildEnded(let build, let status, _): "build \(build.component) \(status.phase.rawValue)"
                case .ended(let record, _): "ended \(record.status.phase(of: record.request).rawValue)"
                case .removed(let entry, _): "removed \(entry.id)"
                }
            }
        }

        var ends: [Date] {
            told.withLock { $0 }.compactMap { if case .ended(_, let end) = $0 { end } else { nil } }
        }
    }

    private func end(_ phase: BuildPhase, at date: Date? = nil, in fixture: ServiceFixture) async {
        await fixture.world.configure { world in
            for id in world.runs.keys {
                world.runs[id]?.phase = phase
                world.runs[id]?.endedAt = date
            }
        }
    }

    @Test func aDeploymentIsToldFromItsRecordToItsEnd() async throws {
        let fixture = try await ServiceFixture()
        let recorder = Recorder()
        let service = fixture.service(observers: [recorder])
        let id = try await service.deploy(fixture.tool).deployment.id
        #expect(recorder.words == ["recorded"])
        await end(.running, in: fixture)
        _ = try await service.deployment(id, of: fixture.tool)
        #expect(recorder.words == ["recorded"])
        await end(.succeeded, at: Date(timeIntervalSince1970: 77), in: fixture)
        for _ in 0..<3 { _ = try await service.deployment(id, of: fixture.tool) }
        #expect(recorder.words == ["recorded", "build api succeeded", "build web succeeded", "ended succeeded"])
        #expect(recorder.ends == [Date(timeIntervalSince1970: 77)])
    }

    @Test func manyWhoLookAtOnceTellTheEndOnce() async throws {
        let fixture = try await ServiceFixture()
        let recorder = Recorder()
        let id = try await fixture.service().deploy(fixture.tool).deployment.id
        await end(.failed, in: fixture)
        await withTaskGroup { group in
            for process in 1...20 {
                let service = fixture.service(process: process, observers: [recorder])
                group.addTask { _ = try? await service.deployment(id, of: fixture.tool) }
            }
        }
        #expect(recorder.words.sorted() == ["build api failed", "build web failed", "ended failed"])
    }

    @Test func whatTheClusterDoesNotDateEndedWhenItWasSeen() async throws {
        let fixture = try await ServiceFixture()
        let recorder = Recorder()
        let service = fixture.service(observers: [recorder])
        let id = try await service.deploy(fixture.tool).deployment.id
        await end(.succeeded, in: fixture)
        _ = try await service.deployment(id, of: fixture.tool)
        let end = try #require(recorder.ends.first)
        #expect(recorder.ends.count == 1)
        #expect(abs(end.timeIntervalSince(fixture.clock.now())) < 1)
    }

    @Test func whoFinishesWhatACrashCutShortSaysSo() async throws {
        let fixture = try await ServiceFixture()
        await fixture.world.configure { world in
            world.fault = { call, _ in call == .create ? .dieAfter : nil }
        }
        let dead = Recorder()
        _ = try? await fixture.service(process: 1, observers: [dead]).deploy(fixture.tool)
        #expect(dead.words.isEmpty)
        await fixture.world.configure { $0.fault = { _, _ in nil } }
        let id = try #require(await fixture.world.records.keys.first)
        let recorder = Recorder()
        let survivor = fixture.service(process: 2, observers: [recorder])
        for _ in 0..<2 { _ = try await survivor.deployment(id, of: fixture.tool) }
        #expect(recorder.words == ["resumed"])
    }

    @Test func aRefusedBuildEndsWhereItBegan() async throws {
        let fixture = try await ServiceFixture(components: ["web"])
        await fixture.world.configure { world in
            world.fault = { call, _ in
                if case .start = call { return .before(.refused(reason: "denied")) }
                return nil
            }
        }
        let recorder = Recorder()
        _ = try await fixture.service(observers: [recorder]).deploy(fixture.tool)
        #expect(recorder.words == ["recorded", "build web failed", "ended failed"])
    }

    @Test func aRemovalIsTold() async throws {
        let fixture = try await ServiceFixture()
        let first = try await fixture.service(process: 1, retained: 1).deploy(fixture.tool).deployment.id
        let recorder = Recorder()
        _ = try await fixture.service(process: 2, retained: 1, observers: [recorder]).deploy(fixture.tool)
        #expect(recorder.words == ["removed \(first)", "recorded"])
    }
}
