import Synchronization

@testable import Components

/// What must hold whatever went wrong.
extension Simulation {
    /// Looks once all requests have been answered or their processes have died; nothing goes wrong any more.
    mutating func checks() -> [String] {
        var violations: [String] = []
        // A build is not left without its record by one fault, but for two cases that nothing in the cluster can prevent,
        // because no creation can depend on an object of another namespace:
        // - A removal found no build to cancel, the build was started behind its back, and its process died before it
        //   could look.
        // - A request read the record before the build was noted and looked for it before it was created, then was held
        //   up until the build had run, ended and been cleaned away, and only then created it: once more.
        // Two faults can do it in more ways: the look whether the record still stands fails like the update before it, or
        // both attempts to cancel a stray do.
        if faultsDone.count <= 1 {
            let strays = look { world in
                world.runs.filter { build, run in
                    !run.phase.isTerminal && world.records[run.deployment] == nil && world.creations[build] == 1
                        && !(world.cancelledBeforehand.contains(build) && world.deadProcesses.contains(run.starter))
                }.keys.sorted()
            }
            violations += (strays ?? ["?"]).map { "\($0) runs on without its record" }
        }
        violations += quietDeploy()
        violations += endings()
        violations += look { $0.violations } ?? ["?"]
        violations += answers.violations.withLock(\.self)
        return violations
    }

    private mutating func quietDeploy() -> [String] {
        let process = anyProcess()
        let (service, tool, answers) = (service(of: process), tool, answers)
        let (world, known) = (world, answers.known)
        let problem = Mutex<String?>("the quiet deploy never ended")
        let box = Box(problem)
        executor.begin {
            do {
                let started = try await service.deploy(tool)
                await answers.note(started.deployment, by: process, after: known, in: world)
                box.value.withLock { $0 = started.warnings.first }
            } catch {
                box.value.withLock { $0 = "the quiet deploy failed: \(error)" }
            }
        }
        executor.drain()
        while gate.count > 0 { letThrough(mayFail: false) }
        let count = look { $0.records.count } ?? .max
        let tooMany = count > min(plan.retained, plan.quota) ? ["\(count) records after a quiet deploy"] : []
        return (box.value.withLock(\.self).map { [$0] } ?? []) + tooMany
    }

    /// Asked twice, before and after its builds have ended, every deployment ends, and every build was made.
    private mutating func endings() -> [String] {
        var violations: [String] = []
        for id in (look { Array($0.records.keys) } ?? []).sorted() {
            for _ in 0..<2 {
                let process = anyProcess()
                let (service, tool, answers) = (service(of: process), tool, answers)
                let (world, known) = (world, answers.known)
                executor.begin {
                    guard let deployment = try? await service.deployment(id, of: tool) else { return }
                    await answers.note(deployment, by: process, after: known, in: world)
                }
                executor.drain()
                while gate.count > 0 { letThrough(mayFail: false) }
                configure { world in
                    for (build, run) in world.runs where run.deployment == id && !run.phase.isTerminal {
                        world.runs[build]?.phase = .succeeded
                    }
                }
            }
            let left = look { world -> [String] in
                guard let record = world.records[id] else { return ["\(id) is gone"] }
                let isOver = record.status.phase(of: record.request).isTerminal ? [] : ["\(id) never ends"]
                return isOver
                    + record.request.builds.compactMap { build in
                        let isAccountedFor = world.creations[build.id] != nil || record.status[build].start == .refused
                        return isAccountedFor ? nil : "\(build.id) was never created"
                    }
            }
            violations += left ?? ["?"]
        }
        return violations
    }
}

/// A mutex that can be handed on.
private final class Box<Value: Sendable>: Sendable {
    let value: Mutex<Value>
    init(_ value: consuming sending Mutex<Value>) { self.value = value }
}
