import Synchronization

@testable import Components

/// What users were told, held against the world and against what they were told before.
final class Answers: Sendable {
    let violations = Mutex<[String]>([])
    private let ends = Mutex<[String: BuildPhase]>([:])

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
                names.contains(build.id) || build.phase == .failed || build.message.contains("not confirmed")
            if !isAccountedFor { found.append("\(build.id) was said to exist and does not") }
            if let end = known[build.id], end != build.phase {
                found.append("\(build.id) was \(end), then \(build.phase)")
            }
            if build.phase.isTerminal { ends.withLock { $0[build.id] = build.phase } }
        }
        violations.withLock { [found] in $0 += found }
    }
}
