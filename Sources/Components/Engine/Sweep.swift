import struct Foundation.Date

/// What a sweep does about the runs that exist: pure functions of the runs, the records that were listed after them, and the
/// time.
///
/// Every run of this service has a record that was stored before it. So a run whose record is not among those that were listed
/// *after* it was left behind by a crash, by the end of a tool, or by a removal that could not wait. What was listed is only a
/// suspicion: each suspect's record is read before anything is done.
///
/// A run younger than two minutes is left alone: the creation of another of its name may still be under way, and it may be the
/// one that holds the name.
struct Sweep {
    /// What is known of a run's record.
    enum Record: Equatable {
        /// There is none.
        case absent
        /// It has no build of the run's name: it is another record of the same id.
        case foreign
        /// Its deployment has not ended.
        case unfinished
        /// Its deployment has ended.
        case ended
        /// It exists and cannot be read.
        case unreadable

        /// What a record that was read says of a run.
        init(_ record: DeploymentRecord?, for run: BuildRun) {
            guard let record else {
                self = .absent
                return
            }
            if !record.request.builds.contains(where: { $0.id == run.name && $0.component == run.component }) {
                self = .foreign
            } else {
                self = record.phase.isTerminal ? .ended : .unfinished
            }
        }
    }

    /// What is to be done about a run.
    enum Action: Equatable {
        case leave
        /// Ask it to end.
        case cancel
        /// Ask it to end if it has not, and remove it.
        case remove
    }

    /// How many ended runs of a tool stay; 0 = each for as long as its record.
    let retained: Int
    /// The time by the cluster's clock.
    let now: Date

    /// The runs whose records must be read.
    ///
    /// - Parameters:
    ///   - records: the records of all tools, listed after the runs, with the dates of their creation.
    ///   - isUnfinished: whether a deployment is known not to have ended.
    func suspects(
        among runs: [BuildRun], records: [DeploymentIdentity: Date],
        isUnfinished: (DeploymentIdentity) -> Bool
    ) -> [BuildRun] {
        let surplus = surplus(of: runs)
        return runs.filter { run in
            guard isOldEnough(run) else { return false }
            guard let created = records[run.deployment] else { return true }
            // The record of a key's second deployment is younger than the runs of the first.
            if run.createdAt < created { return true }
            return run.hasEnded ? surplus.contains(run.name) : !isUnfinished(run.deployment)
        }
    }

    /// What is to be done about a suspect.
    func action(about run: BuildRun, record: Record, isSurplus: Bool) -> Action {
        guard isOldEnough(run) else { return .leave }
        switch record {
        case .absent, .foreign: return .remove
        case .unfinished, .unreadable: return .leave
        // Nobody waits for its end any more.
        case .ended where !run.hasEnded: return .cancel
        case .ended: return isSurplus ? .remove : .leave
        }
    }

    /// The names of the ended runs that are too many for their tools: all but the newest of each.
    func surplus(of runs: [BuildRun]) -> Set<String> {
        guard retained > 0 else { return [] }
        let byTool = Dictionary(grouping: runs.filter(\.hasEnded), by: \.deployment.tool)
        return Set(
            byTool.values.flatMap { runs in
                runs.sorted { ($1.createdAt, $1.name) < ($0.createdAt, $0.name) }.dropFirst(retained).map(\.name)
            })
    }

    private func isOldEnough(_ run: BuildRun) -> Bool { run.timeUntilItMayBeRemoved(at: now) <= .zero }
}
