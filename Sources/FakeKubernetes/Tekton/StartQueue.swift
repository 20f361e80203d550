/// Decides which runs start next: the oldest first, and only so many at once.
struct StartQueue {
    private struct Waiting {
        let run: PipelineRun.Identity
        let creation: String
        let arrival: Int

        /// The older first; those of one second in the order in which they came.
        func isBefore(_ other: Waiting) -> Bool { (creation, arrival) < (other.creation, other.arrival) }
    }

    let parallelism: Int
    private var waiting: [Waiting] = []
    private var arrivals = 0
    private var started: Set<PipelineRun.Identity> = []

    init(parallelism: Int) { self.parallelism = parallelism }

    /// Takes the current state of a run into account.
    ///
    /// - Returns: The runs that may start because of it, in their order.
    mutating func observe(_ run: PipelineRun) -> [PipelineRun.Identity] {
        if run.hasEnded || run.isHeld || run.isBeingDeleted { return remove(run.identity) }
        if !started.contains(run.identity), !waiting.contains(where: { $0.run == run.identity }) {
            arrivals += 1
            waiting.append(Waiting(run: run.identity, creation: run.creation, arrival: arrivals))
        }
        return next()
    }

    /// A run has ended, is held or is gone.
    mutating func remove(_ run: PipelineRun.Identity) -> [PipelineRun.Identity] {
        waiting.removeAll { $0.run == run }
        started.remove(run)
        return next()
    }

    func hasRoom(for run: PipelineRun.Identity) -> Bool { started.contains(run) }

    private mutating func next() -> [PipelineRun.Identity] {
        var runs: [PipelineRun.Identity] = []
        while started.count < parallelism,
            let next = waiting.indices.min(by: { waiting[$0].isBefore(waiting[$1]) })
        {
            let run = waiting.remove(at: next).run
            started.insert(run)
            runs.append(run)
        }
        return runs
    }
}
