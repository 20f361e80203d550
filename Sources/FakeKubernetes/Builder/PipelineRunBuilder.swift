import Foundation
import Logging

/// Plays Tekton: takes PipelineRuns, clones their repositories and writes what becomes of them.
///
/// It does what the recorded controller did with a pipeline of one task, with the same conditions. It makes no TaskRuns,
/// no pods and no images; a build is a clone by git and a pause. All runs of one namespace, the oldest first.
struct PipelineRunBuilder: Sendable {
    private enum Input: Sendable {
        case event(PipelineRunEvent)
        case finished(PipelineRun.Identity, latest: PipelineRun?)
        case clusterStopped
    }

    let cluster: any BuilderCluster
    let settings: BuilderSettings
    let logger: Logger
    let now: @Sendable () -> Date
    /// Has a value while builds may get on.
    let gate = Signal<Bool>(true)

    init(
        cluster: any BuilderCluster, settings: BuilderSettings, logger: Logger,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.cluster = cluster
        self.settings = settings
        self.logger = logger
        self.now = now
    }

    /// While paused no run gets on; one that is cancelled still ends.
    var isPaused: Bool { gate.value == nil }

    /// Pauses, or goes on.
    func setPaused(_ isPaused: Bool) { gate.set(isPaused ? nil : true) }

    /// Builds until the task is cancelled or the cluster stops; returns when every git process is gone.
    func run() async {
        let (inputs, feed) = AsyncStream.makeStream(of: Input.self)
        await withDiscardingTaskGroup { group in
            group.addTask {
                for await event in await cluster.pipelineRuns(in: settings.namespace) { feed.yield(.event(event)) }
                feed.yield(.clusterStopped)
            }
            var queue = BuildQueue(parallelism: settings.parallelism)
            var stops: [PipelineRun.Identity: Signal<BuildStop>] = [:]
            inputs: for await input in inputs {
                let actions: [BuildQueue.Action]
                switch input {
                case .event(.present(let run)): actions = queue.observe(PipelineRun(run))
                case .event(.deleted(let run)): actions = queue.remove(PipelineRun(run))
                case .finished(let run, let latest):
                    let wasDeleted = stops.removeValue(forKey: run)?.value == .deleted
                    actions = queue.finish(run, latest: latest)
                    if wasDeleted { queue.forget(run) }
                case .clusterStopped: break inputs
                }
                for action in actions {
                    switch action {
                    case .hold(let run): group.addTask { await hold(run) }
                    case .cancel(let run): group.addTask { await end(run, as: .cancelled) }
                    case .stop(let run, let reason): stops[run]?.set(reason)
                    case .build(let run):
                        let stop = Signal<BuildStop>()
                        stops[run] = stop
                        group.addTask { feed.yield(.finished(run, latest: await build(run, unless: stop))) }
                    }
                }
            }
            group.cancelAll()
        }
    }
}
