import Synchronization

@testable import Components

/// What users were told, held against the world and against what they were told before.
final class Answers: Sendable {
    let violations = Mutex<[String]>([])
    private let ends = Mutex<[String: BuildPhase]>([:])
    /// Deployments that somebody was told to have started, by a build's name: no two records share one.
    private let starts = Mutex<Set<String>>([])
    /// The deployments that were answered for each id, by a build's name.
    private let records = Mutex<[String: Set<String>]>([:])

    /// Which builds users know to have ended: what binds the answer of a request that begins now.
    var known: [String: BuildPhase] { ends.withLock(\.self) }

    /// Notes an answer, unless the process died before it could give it.
    func note(
        _ deployment: Deployment, by process: Int, after known: [String: BuildPhase], in world: World
    ) async {
        let (isDead, names, planned) = await world.look { world in
            (
                world.deadProcesses.contains(process), world.prevented.union(world.creations.keys),
                world.records[deployment.id]?.request.builds.count
            )
        }
        guard !isDead else { return }
        var found: [String] = []
        if let planned, planned != deployment.builds.count { found.append("\(deployment.id) lacks builds") }
        for build in deployment.builds {
            let isAccountedFor =
                names.contains(build.id) || build.phase == .failed || build.phase == .cancelled
                || build.phase == .timedOut || !build.isCreated
            if !isAccountedFor { found.append("\(build.id) was said to exist and does not") }
            if let end = known[build.id], end != build.phase {
                found.append("\(build.id) was \(end), then \(build.phase)")
            }
            if build.phase.isTerminal { ends.withLock { $0[build.id] = build.phase } }
        }
        violations.withLock { [found] in $0 += found }
    }

    /// Deployments that somebody was told to be cancelled, by a build's name.
    private let cancelled = Mutex<Set<String>>([])

    /// Whether somebody was told that the deployment of this build is cancelled.
    func isCancelled(_ build: String) -> Bool { cancelled.withLock { $0.contains(build) } }

    /// Notes the answer to a cancellation: it ends as cancelled, whatever else happens.
    func noteCancellation(
        _ deployment: Deployment, by process: Int, after known: [String: BuildPhase], in world: World
    ) async {
        await note(deployment, by: process, after: known, in: world)
        guard await world.look({ !$0.deadProcesses.contains(process) }), let build = deployment.builds.first?.id else {
            return
        }
        _ = cancelled.withLock { $0.insert(build) }
    }

    /// Notes the answer to a deploy: each record was started once, and an id is another record only after a removal.
    func note(
        _ started: StartedDeployment, by process: Int, after known: [String: BuildPhase], in world: World
    ) async {
        await note(started.deployment, by: process, after: known, in: world)
        let id = started.deployment.id
        let (isDead, removals) = await world.look { ($0.deadProcesses.contains(process), $0.removals[id] ?? 0) }
        guard !isDead, let build = started.deployment.builds.first?.id else { return }
        var found: [String] = []
        if !started.isReplay, !starts.withLock({ $0.insert(build).inserted }) {
            found.append("\(id) was started twice")
        }
        if started.isReplay, !id.contains("-deploy-key-") { found.append("\(id) is a replay without a key") }
        let count = records.withLock { records in
            records[id, default: []].insert(build)
            return records[id]?.count ?? 0
        }
        if count > removals + 1 { found.append("\(id) was \(count) deployments, \(removals) of which were removed") }
        violations.withLock { [found] in $0 += found }
    }
}
