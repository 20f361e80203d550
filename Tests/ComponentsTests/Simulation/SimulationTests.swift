import Foundation
import Testing

@testable import Components

struct SimulationTests {
    /// The first seed; `TEST_SEED` repeats a failure, which is printed with the seed of its own run.
    private static let seed =
        ProcessInfo.processInfo.environment["TEST_SEED"].flatMap { UInt64($0) } ?? .random(in: 0...UInt64.max)
    private static let runs = ProcessInfo.processInfo.environment["SIMULATION_RUNS"].flatMap { Int($0) } ?? 2_000

    @Test func whateverGoesWrongDeploymentsEndAsTheyShould() async throws {
        let failures = await withCheckedContinuation { continuation in
            // A thread of its own, that no other task's jobs can come between.
            Thread.detachNewThread { continuation.resume(returning: Self.failures()) }
        }
        #expect(failures.isEmpty, "\(failures.joined(separator: "\n"))")
    }

    private static func failures() -> [String] {
        var failures: [String] = []
        for run in 0..<UInt64(runs) where failures.count < 5 {
            guard var simulation = Simulation(seed: seed &+ run) else { return ["no simulation"] }
            let violations = simulation.run()
            guard !violations.isEmpty else { continue }
            failures.append(
                "TEST_SEED=\(seed &+ run) SIMULATION_RUNS=1 (\(simulation.plan), \(simulation.faultsDone)): "
                    + violations.joined(separator: "; ")
                    + (runs == 1 ? "\n  " + simulation.course.joined(separator: "\n  ") : ""))
        }
        return failures
    }
}
