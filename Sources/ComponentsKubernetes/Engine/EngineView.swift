import Components
import JSON
import Kubernetes

/// What two watches know: the deployments that have not ended, and how their builds are doing.
///
/// - The two watches are not in step: a run may be told before its record, and the other way round.
/// - Of a deployment the newest version that was seen or stored here counts, whatever comes later.
/// - A run that is removed after its end was seen keeps its last observation for as long as its deployment is here: its end
///   is still to be stored. One that is removed before is not known any more.
/// - An object that cannot be read is left out, and changes nothing for the others.
/// - The ended runs of deployments that have ended, which are most of all, are not kept.
struct EngineView: Sendable {
    /// What a watch of deployments tells of one: its record, or `nil` if it is being deleted and counts as gone.
    typealias DeploymentEvent = WatchEvent<DeploymentRecord?>

    private struct KnownDeployment {
        /// Without its config.
        let record: DeploymentRecord
        /// Whether its end is stored: it stays, unseen, until the watch says that it left, because an older version may still
        /// be told.
        let hasEnded: Bool

        init(_ record: DeploymentRecord) {
            self.record = record.withoutConfig
            hasEnded = record.status.phase(of: record.request).isTerminal
        }
    }

    private var deployments: [DeploymentIdentity: KnownDeployment] = [:]
    private var runs: [String: WatchedRun] = [:]
    /// Whether every deployment that has not ended is here, up to the watch's delay.
    private var knowsAllDeployments = false

    /// The deployments that have not ended, as far as is known.
    var unfinished: [DeploymentIdentity] { deployments.filter { !$0.value.hasEnded }.map(\.key) }

    /// How many builds of deployments that have not ended are in each phase, as far as is known.
    var builds: [BuildPhase: Int] {
        var counts: [BuildPhase: Int] = [:]
        for run in runs.values where record(of: run.deployment) != nil {
            counts[run.observation.phase, default: 0] += 1
        }
        return counts
    }

    /// How many objects are kept.
    var size: (deployments: Int, runs: Int) { (deployments.count, runs.count) }

    /// The record without its config; `nil` if it is not known, or has ended.
    func record(of deployment: DeploymentIdentity) -> DeploymentRecord? {
        deployments[deployment].flatMap { $0.hasEnded ? nil : $0.record }
    }

    /// How that very build was doing last; `nil` if it is not known.
    func observation(of build: PlannedBuild, of deployment: DeploymentIdentity) -> BuildObservation? {
        runs[build.id].flatMap { $0.belongs(to: build, of: deployment) ? $0.observation : nil }
    }

    // MARK: - Deployments

    /// Applies what the watch of deployments told.
    ///
    /// - Returns: the deployments of which something changed that this process has not stored itself.
    mutating func apply(_ event: DeploymentEvent) -> Set<DeploymentIdentity> {
        switch event {
        case .reset(let all):
            let before = deployments
            deployments = [:]
            var changed: Set<DeploymentIdentity> = []
            for (key, result) in all {
                guard let identity = DeploymentIdentity(key), let record = try? result.get() else { continue }
                deployments[identity] = before[identity]
                if replace(identity, by: record) { changed.insert(identity) }
            }
            knowsAllDeployments = true
            runs = runs.filter { isNeeded($0.value) }
            return changed
        case .applied(let key, let result):
            guard let identity = DeploymentIdentity(key) else { return [] }
            guard let record = try? result.get() else {
                remove(identity)
                return []
            }
            return replace(identity, by: record) ? [identity] : []
        case .deleted(let key, _):
            if let identity = DeploymentIdentity(key) { remove(identity) }
            return []
        case .live, .interrupted:
            return []
        }
    }

    /// Takes a record that this process has just stored, unless a newer version is known.
    ///
    /// One that is not here is left alone: the watch has not told of it yet, or knows that it is gone.
    mutating func stored(_ record: DeploymentRecord) {
        let identity = record.request.identity
        guard deployments[identity]?.record.identity == record.identity else { return }
        _ = replace(identity, by: record)
    }

    /// - Returns: whether it is newer than what was known.
    private mutating func replace(_ identity: DeploymentIdentity, by record: DeploymentRecord) -> Bool {
        if let known = deployments[identity]?.record, known.identity == record.identity, !record.isNewer(than: known) {
            return false
        }
        let known = KnownDeployment(record)
        deployments[identity] = known
        if known.hasEnded { forgetRuns(of: record) }
        return true
    }

    private mutating func remove(_ identity: DeploymentIdentity) {
        guard let known = deployments.removeValue(forKey: identity) else { return }
        forgetRuns(of: known.record)
    }

    // MARK: - Runs

    /// Applies what the watch of PipelineRuns told.
    ///
    /// - Returns: the deployments of which a build changed, as far as they are known.
    mutating func apply(_ event: WatchEvent<WatchedRun>) -> Set<DeploymentIdentity> {
        switch event {
        case .reset(let all):
            let before = runs
            runs = [:]
            for (key, result) in all {
                guard let run = try? result.get(), isNeeded(run) else { continue }
                runs[key.name] = run
            }
            // Removed while the watch was away: an end that was seen is still to be stored.
            for (name, run) in before where runs[name] == nil && run.hasEnded && isNeeded(run) { runs[name] = run }
            let names = Set(before.keys).union(runs.keys).filter { before[$0] != runs[$0] }
            return unfinished(names.flatMap { [before[$0], runs[$0]] })
        case .applied(let key, let result):
            let before = runs[key.name]
            runs[key.name] = (try? result.get()).flatMap { isNeeded($0) ? $0 : nil }
            return before == runs[key.name] ? [] : unfinished([before, runs[key.name]])
        case .deleted(let key, let result):
            // The last state may be an end that no event told.
            let last = (try? result.get()) ?? runs[key.name]
            let before = runs[key.name]
            runs[key.name] = last.flatMap { $0.hasEnded && isNeeded($0) ? $0 : nil }
            return before == runs[key.name] ? [] : unfinished([before, last])
        case .live, .interrupted:
            return []
        }
    }

    private func unfinished(_ runs: [WatchedRun?]) -> Set<DeploymentIdentity> {
        Set(runs.compactMap { $0?.deployment }).filter { record(of: $0) != nil }
    }

    /// Whether a run is kept: not if it has ended, and its deployment too.
    private func isNeeded(_ run: WatchedRun) -> Bool {
        !run.hasEnded || !knowsAllDeployments || record(of: run.deployment) != nil
    }

    private mutating func forgetRuns(of record: DeploymentRecord) {
        for build in record.request.builds {
            guard let run = runs[build.id], !isNeeded(run) else { continue }
            runs[build.id] = nil
        }
    }
}

extension DeploymentRecord {
    /// The record without the config, which is most of it and which no step needs.
    var withoutConfig: DeploymentRecord {
        var record = self
        record.request.config = .null
        return record
    }
}

extension DeploymentIdentity {
    /// The deployment of an object's key; `nil` if it lies in no tool's namespace.
    init?(_ key: ObjectKey) {
        guard let tool = key.namespace.flatMap({ ToolName(namespace: $0) }) else { return nil }
        self.init(id: key.name, tool: tool)
    }
}
