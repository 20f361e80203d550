/// Which runs wait, which are built and which are over: decides what the builder does next, and does nothing itself.
struct BuildQueue {
    enum Action: Equatable {
        /// Say that it is held.
        case hold(PipelineRun.Identity)
        case build(PipelineRun.Identity)
        /// End a build that is under way.
        case stop(PipelineRun.Identity, BuildStop)
        /// End a run that was not begun.
        case cancel(PipelineRun.Identity)
    }

    private struct Waiting {
        let run: PipelineRun.Identity
        let creation: String
        let arrival: Int

        /// The older first; those of one second as they came.
        func isBefore(_ other: Waiting) -> Bool { (creation, arrival) < (other.creation, other.arrival) }
    }

    let parallelism: Int
    private var waiting: [Waiting] = []
    private var arrivals = 0
    private var held: Set<PipelineRun.Identity> = []
    private var building: Set<PipelineRun.Identity> = []
    /// Runs that are over but still there: what is told of them late must not start them again.
    private var over: Set<PipelineRun.Identity> = []

    init(parallelism: Int) { self.parallelism = parallelism }

    /// A run is there, new or changed.
    mutating func observe(_ run: PipelineRun) -> [Action] {
        let id = run.identity
        guard !over.contains(id) else { return [] }
        if run.hasEnded {
            forget(id)
            over.insert(id)
            return schedule()
        }
        if run.isCancelled {
            if building.contains(id) { return [.stop(id, .cancelled)] }
            forget(id)
            over.insert(id)
            return [.cancel(id)]
        }
        guard !building.contains(id) else { return [] }
        if run.isHeld {
            waiting.removeAll { $0.run == id }
            return held.insert(id).inserted ? [.hold(id)] : []
        }
        if !waiting.contains(where: { $0.run == id }) {
            arrivals += 1
            waiting.append(Waiting(run: id, creation: run.creation, arrival: arrivals))
        }
        return schedule()
    }

    /// A run was deleted.
    mutating func remove(_ run: PipelineRun) -> [Action] {
        let id = run.identity
        over.remove(id)
        if building.contains(id) { return [.stop(id, .deleted)] }
        forget(id)
        return []
    }

    /// A build is over.
    ///
    /// - Parameter latest: What the run is instead of over: held again before its build began.
    mutating func finish(_ run: PipelineRun.Identity, latest: PipelineRun?) -> [Action] {
        building.remove(run)
        held.remove(run)
        guard let latest else {
            over.insert(run)
            return schedule()
        }
        return observe(latest) + schedule()
    }

    /// A run that is not there any more needs no memory.
    mutating func forget(_ run: PipelineRun.Identity) {
        waiting.removeAll { $0.run == run }
        held.remove(run)
        over.remove(run)
    }

    private mutating func schedule() -> [Action] {
        var actions: [Action] = []
        while building.count < parallelism,
            let next = waiting.indices.min(by: { waiting[$0].isBefore(waiting[$1]) })
        {
            let run = waiting.remove(at: next).run
            building.insert(run)
            actions.append(.build(run))
        }
        return actions
    }
}

/// Why a build must end.
enum BuildStop: Sendable, Equatable {
    case cancelled, deleted
}
