import Foundation
import JSON
import Testing

@testable import Components

/// A deploy of three builds that removes one old deployment, killed at each of its calls, before it is done and after;
/// then another process is asked.
struct CrashTests {
    private static let points = (0..<14).flatMap { [($0, false), ($0, true)] }

    @Test(arguments: points)
    func everyCrashLeavesWhatTheNextRequestFinishes(_ point: (index: Int, afterCommit: Bool)) async throws {
        let fixture = try await ServiceFixture(components: ["a", "b", "c"])
        let old = try await fixture.service(process: 1, retained: 1).deploy(fixture.tool).deployment
        await fixture.world.configure { world in
            world.journal = []
            world.fault = { _, index in index == point.index ? (point.afterCommit ? .dieAfter : .dieBefore) : nil }
        }
        let answer = try? await fixture.service(process: 2, retained: 1).deploy(fixture.tool)
        // The script must cover the whole of a deploy: the last point lies behind its end.
        if point.index == Self.points.last?.0 { #expect(answer != nil) }
        await fixture.world.configure { $0.fault = { _, _ in nil } }

        let survivor = fixture.service(process: 3, retained: 1)
        for id in await fixture.world.records.keys {
            for phase in [BuildPhase.running, .succeeded] {
                _ = try await survivor.deployment(id, of: fixture.tool)
                await fixture.world.configure { world in
                    for (build, run) in world.runs where !run.isCancelled { world.runs[build]?.phase = phase }
                }
            }
            let ended = try await survivor.deployment(id, of: fixture.tool)
            #expect(ended.phase.isTerminal)
            // Cancelled by a removal that was cut short, or brought to its end: never half.
            #expect(Set(ended.builds.map(\.phase)).count == 1 || id == old.id)
        }
        let records = await fixture.world.records
        let runs = await fixture.world.runs
        for (id, count) in await fixture.world.creations {
            #expect(count == 1, "build \(id) was created \(count) times")
        }
        for run in runs.values where records[run.deployment] == nil {
            #expect(run.phase.isTerminal, "a build runs on without its record")
        }
        for record in records.values {
            for build in record.request.builds { #expect(runs[build.id] != nil, "\(build.id) was never created") }
        }
    }
}
