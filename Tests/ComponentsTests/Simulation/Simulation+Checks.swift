import Foundation
import Synchronization

@testable import Components

/// What must hold whatever went wrong.
extension Simulation {
    /// Looks once all requests have been answered or their processes have died; nothing goes wrong any more.
    mutating func checks() -> [String] {
        var violations: [String] = []
        violations += strays()
        if faultsDone.isEmpty { violations += retention() }
        violations += quietDeploy()
        violations += quietReplays()
        violations += endings()
        violations += cancellations()
        violations += look { $0.violations } ?? ["?"]
        violations += answers.violations.withLock(\.self)
        return violations
    }

    /// No build is left without its record, whatever went wrong and however often: before a record goes, the name of each
    /// build that may still be created is taken, so that a creation on its way finds it so.
    ///
    /// One way is left that nothing in the cluster can bar, because no creation can depend on an object of another
    /// namespace. A request looked for a build before it was created and was held up, between that look and its own
    /// creation, until the build had run, ended and been deleted by an outsider (builds-api cleans up, or a user does).
    /// That freed the name, so the creation comes through: a second run. The request sees from the record what it did,
    /// and cancels the run, unless its process dies in that moment. So builds that others deleted are left out here.
    private func strays() -> [String] {
        let strays = look { world in
            world.runs.filter { build, run in
                !run.phase.isTerminal && world.records[run.deployment] == nil && !world.deletedByOthers.contains(build)
            }.keys.sorted()
        }
        return (strays ?? ["?"]).map { "\($0) runs on without its record" }
    }

    /// What was said to be cancelled has ended so, and nothing of it runs.
    private func cancellations() -> [String] {
        look { [answers] world in
            var violations: [String] = []
            for record in world.records.values {
                let id = record.request.identity.id
                if let build = record.request.builds.first?.id, answers.isCancelled(build), record.phase != .cancelled {
                    violations.append("\(id) was said to be cancelled and is \(record.phase)")
                }
                guard record.status.stop != nil else { continue }
                for build in record.request.builds
                where world.runs[build.id]?.phase.isTerminal == false && !world.deletedByOthers.contains(build.id) {
                    violations.append("\(build.id) runs on though its deployment was stopped")
                }
            }
            return violations
        } ?? ["?"]
    }

    /// Where nothing went wrong, no record too many is left, and none is older than one that went, but for the second by
    /// which the clocks of the processes differ.
    ///
    /// One whose creation was held up for longer than that is as old as its arrival: nobody could see it before.
    private func retention() -> [String] {
        let limit = min(plan.retained, plan.quota)
        return look { [hasRemoved] world in
            let kept = world.records.values.map { record in
                let (asked, stored) = (record.request.requestedAt, world.storedAt[record.request.identity.id])
                return stored.flatMap { $0.timeIntervalSince(asked) > 2 ? $0 : nil } ?? asked
            }
            let gone = world.requestedAt.filter { world.records[$0.key] == nil }.values
            var violations = kept.count > limit ? ["\(kept.count) records are kept"] : []
            if !hasRemoved, let oldest = kept.min(), let newest = gone.max(), oldest < newest.addingTimeInterval(-1) {
                violations.append("a newer record went before an older one")
            }
            return violations
        } ?? ["?"]
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
                await answers.note(started, by: process, after: known, in: world)
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

    /// A key is the same deployment for whoever asks twice, one after the other.
    private mutating func quietReplays() -> [String] {
        var violations: [String] = []
        for key in (0..<plan.keys).compactMap({ IdempotencyKey("k\($0)") }) {
            var told: [StartedDeployment?] = []
            for _ in 0..<2 {
                let process = anyProcess()
                let (service, tool, answers) = (service(of: process), tool, answers)
                let (world, known) = (world, answers.known)
                let box = Box(Mutex<StartedDeployment?>(nil))
                executor.begin {
                    guard let started = try? await service.deploy(tool, key: key) else { return }
                    await answers.note(started, by: process, after: known, in: world)
                    box.value.withLock { $0 = started }
                }
                executor.drain()
                while gate.count > 0 { letThrough(mayFail: false) }
                told.append(box.value.withLock(\.self))
            }
            let builds = told.map { $0?.deployment.builds.map(\.id) ?? [] }
            guard builds[0] == builds[1], !builds[0].isEmpty, told[1]?.isReplay == true else {
                violations.append("the key \(key.value) is not the same deployment: \(builds)")
                continue
            }
        }
        return violations
    }

    /// Asked twice, before and after its builds have ended, every deployment ends, and every build was made.
    private mutating func endings() -> [String] {
        var violations: [String] = []
        // Whoever reads a record that was just made may leave it to its request.
        world.time.advance(by: 16)
        for id in (look { Array($0.records.keys) } ?? []).sorted() {
            let created = look { Set($0.creations.keys) } ?? []
            let superseded = look { $0.builtByNewer(than: id) } ?? []
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
                        world.succeed(build)
                    }
                }
            }
            for build in (look { Set($0.creations.keys) } ?? []).subtracting(created).intersection(superseded) {
                violations.append("\(build) was created after a newer deployment had built its component")
            }
            let left = look { world -> [String] in
                guard let record = world.records[id] else { return ["\(id) is gone"] }
                let isOver = record.status.phase(of: record.request).isTerminal ? [] : ["\(id) never ends"]
                return isOver
                    + record.request.builds.compactMap { build in
                        let isAccountedFor =
                            world.creations[build.id] != nil || record.status[build].start == .refused
                            || world.prevented.contains(build.id) || record.status.stop != nil
                            || record.status[build].reason == .notStarted
                            || record.status[build].reason == .superseded
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

extension World {
    /// The builds of a deployment whose components newer deployments have built.
    fileprivate func builtByNewer(than id: String) -> Set<String> {
        guard let record = records[id] else { return [] }
        let newer = records.values.filter { record.entry.isOlder(than: $0.entry) }
        let components = newer.flatMap { other in
            other.request.builds.filter { other.status[$0].start == .created || $0.taken != nil }.map(\.component)
        }
        return Set(record.request.builds.filter { components.contains($0.component) }.map(\.id))
    }
}
