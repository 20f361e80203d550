import Foundation
import Logging

/// How builds are played.
struct BuildSettings: Sendable {
    /// The namespace whose PipelineRuns are taken.
    var namespace = "image-build"
    /// How many runs are under way at once.
    var parallelism = 8
    /// How long a build takes after its clone.
    var duration: Duration = .milliseconds(300)
    var git = GitSettings()
}

/// Plays Tekton's controller, and the node on which its pods run, for the runs of one namespace.
///
/// It does what the recorded controller did with a pipeline of one task: a TaskRun, a pod of three steps and their logs, with
/// the same conditions in the same order. The first step really clones, by git; nothing is built and no image is made.
struct Tekton: Sendable {
    private enum Input: Sendable {
        case event(WatchEvent)
        /// The builder is not paused, and a run has room.
        case mayProceed(PipelineRun.Identity)
        case isOverdue(PipelineRun.Identity)
        case clusterStopped
    }

    let cluster: ClusterStore
    let settings: BuildSettings
    let logger: Logger
    let plans = BuildPlans()
    /// Has a value while builds may proceed.
    let gate = Signal<Bool>(true)

    /// While paused no run proceeds; one that is cancelled still ends.
    var isPaused: Bool { gate.value == nil }

    /// Pauses, or resumes.
    func setPaused(_ isPaused: Bool) { gate.set(isPaused ? nil : true) }

    /// Plays until the task is cancelled or the cluster stops; returns when every git process is gone.
    func run() async {
        let (inputs, feed) = AsyncStream.makeStream(of: Input.self)
        await withDiscardingTaskGroup { group in
            group.addTask {
                for await event in cluster.events(in: settings.namespace) { feed.yield(.event(event)) }
                feed.yield(.clusterStopped)
            }
            var state = State(queue: StartQueue(parallelism: settings.parallelism))
            inputs: for await input in inputs {
                var mayStart: [PipelineRun.Identity] = []
                switch input {
                case .event(let event):
                    switch event.resource {
                    case ResourceDefinition.pipelineRuns:
                        mayStart = observe(PipelineRun(event.object.value), event.change, &state)
                    case ResourceDefinition.taskRuns:
                        let taskRun = event.object.value
                        reconcile(taskRun: taskRun.name)
                        if let run = taskRun.at("metadata", "labels", "tekton.dev/pipelineRun")?.string {
                            reconcile(run, state)
                        }
                    default:
                        observe(pod: event, &state) { pod, stop in group.addTask { await node.run(pod, until: stop) } }
                    }
                case .mayProceed(let run):
                    state.proceeding.insert(run)
                    reconcile(run.name, state)
                case .isOverdue(let run):
                    state.overdue.insert(run)
                    reconcile(run.name, state)
                case .clusterStopped: break inputs
                }
                let held = state.newlyHeld
                state.newlyHeld = []
                for run in mayStart + held {
                    group.addTask { if await gate.wait() != nil { feed.yield(.mayProceed(run)) } }
                }
                for (run, limit) in state.newlyBegun() {
                    state.timers[run] = Task {
                        // The run's own time limit.
                        if (try? await Task.sleep(for: limit)) != nil { feed.yield(.isOverdue(run)) }
                    }
                }
            }
            for timer in state.timers.values { timer.cancel() }
            group.cancelAll()
        }
    }

    private var node: BuildNode {
        BuildNode(cluster: cluster, settings: settings, plans: plans, gate: gate, logger: logger)
    }

    /// What the controller remembers between two inputs; everything else stands in the cluster.
    private struct State {
        var queue: StartQueue
        var proceeding: Set<PipelineRun.Identity> = []
        var overdue: Set<PipelineRun.Identity> = []
        var held: Set<PipelineRun.Identity> = []
        var newlyHeld: [PipelineRun.Identity] = []
        var begun: [PipelineRun.Identity: Duration] = [:]
        var timers: [PipelineRun.Identity: Task<Void, Never>] = [:]
        /// The pods that run, by their uid.
        var pods: [String: Signal<PodStop>] = [:]

        mutating func newlyBegun() -> [PipelineRun.Identity: Duration] {
            defer { begun = [:] }
            return begun.filter { timers[$0.key] == nil }
        }

        mutating func forget(_ run: PipelineRun.Identity) {
            proceeding.remove(run)
            overdue.remove(run)
            held.remove(run)
            timers.removeValue(forKey: run)?.cancel()
        }
    }

    private func observe(
        _ run: PipelineRun, _ change: WatchEvent.Change, _ state: inout State
    ) -> [PipelineRun.Identity] {
        let id = run.identity
        if change == .deleted {
            state.forget(id)
            return state.queue.remove(id)
        }
        let mayStart = state.queue.observe(run)
        if run.hasEnded {
            state.forget(id)
            return mayStart
        }
        if run.isHeld {
            if state.held.insert(id).inserted { state.newlyHeld.append(id) }
        } else if state.held.remove(id) != nil {
            // What it was allowed as a held run, it is not allowed as another.
            state.proceeding.remove(id)
        }
        if run.hasBegun, let timeout = run.timeout { state.begun[id] = timeout.duration }
        reconcile(run.name, state)
        return mayStart
    }

    private func observe(
        pod event: WatchEvent, _ state: inout State, start: (Value, Signal<PodStop>) -> Void
    ) {
        let pod = event.object.value
        if event.change == .deleted {
            state.pods.removeValue(forKey: pod.uid)?.set(.killed)
        } else if let stop = state.pods[pod.uid] {
            if pod.isBeingDeleted { stop.set(.terminated) }
        } else if !pod.isBeingDeleted, pod.at("status", "phase") == "Pending" {
            let stop = Signal<PodStop>()
            state.pods[pod.uid] = stop
            start(pod, stop)
        }
        if let taskRun = pod.at("metadata", "labels", "tekton.dev/taskRun")?.string { reconcile(taskRun: taskRun) }
    }

    private func reconcile(_ name: String, _ state: State) {
        try? cluster.write { cluster throws(StatusError) in
            guard
                let object = cluster.object(
                    ResourceDefinition.pipelineRuns, namespace: settings.namespace, name: name)
            else { return }
            let run = PipelineRun(object.value)
            let mayProceed =
                state.proceeding.contains(run.identity) && (run.isHeld || state.queue.hasRoom(for: run.identity))
            try cluster.reconcile(
                run, mayProceed: mayProceed, isOverdue: state.overdue.contains(run.identity), now: Date())
        }
    }

    private func reconcile(taskRun name: String) {
        let namespace = settings.namespace
        try? cluster.write { state throws(StatusError) in
            try state.reconcile(taskRun: name, in: namespace, now: Date())
        }
    }
}

extension ClusterStore {
    /// The PipelineRuns, TaskRuns and pods of a namespace: those that exist in the order of their creation, then every change.
    fileprivate func events(in namespace: String) -> AsyncStream<WatchEvent> {
        let resources = [ResourceDefinition.pipelineRuns, ResourceDefinition.taskRuns, ResourceDefinition.pods]
        let (changes, changed) = AsyncStream.makeStream(of: WatchEvent.self)
        let present = try? write { state throws(StatusError) in
            state.subscribe(changed)
            return resources.flatMap { resource in
                state.table(resource).objects(in: namespace).map {
                    WatchEvent(change: .added, resource: resource, object: $0.object, old: nil)
                }
            }
        }
        let (events, feed) = AsyncStream.makeStream(of: WatchEvent.self)
        for event in (present ?? []).sorted(by: { $0.object.resourceVersion < $1.object.resourceVersion }) {
            feed.yield(event)
        }
        let forwarding = Task {
            for await change in changes
            where resources.contains(change.resource) && change.object.value.namespace == namespace {
                feed.yield(change)
            }
            feed.finish()
        }
        feed.onTermination = { _ in forwarding.cancel() }
        return events
    }
}

extension ClusterState {
    /// Does with a run what the controller does next.
    fileprivate mutating func reconcile(
        _ run: PipelineRun, mayProceed: Bool, isOverdue: Bool, now: Date
    ) throws(StatusError) {
        let found = object(ResourceDefinition.taskRuns, namespace: run.namespace, name: run.taskRunName)
            .map { TaskRun($0.value) }
        let taskRun = found.flatMap { found in
            found.value.ownerReferencesContain(run.value.uid) ? found : nil
        }
        var run = run
        func store(_ value: Value) throws(StatusError) {
            guard value != run.value else { return }
            run = PipelineRun(try self.store(value, as: ResourceDefinition.pipelineRuns).value)
        }
        for step in run.steps(taskRun: taskRun, mayProceed: mayProceed, isOverdue: isOverdue) {
            switch step {
            case .label: try store(run.labelled)
            case .hold: try store(run.held(at: now))
            case .report(let reason):
                if run.condition?["reason"]?.string != reason { try store(run.reporting(reason: reason, at: now)) }
            case .cancelTask(let message):
                if let taskRun { try cancel(taskRun, message) }
            case .end(let ending): try store(run.ended(ending, at: now))
            case .restart: try createForTekton(run.taskRun(at: now), as: ResourceDefinition.taskRuns, now: now)
            case .start:
                do throws(PipelineRefusal) {
                    try BuildpacksPipeline.check(run)
                } catch {
                    try store(run.ended(.refused(error), at: now))
                    continue
                }
                try createForTekton(run.taskRun(at: now), as: ResourceDefinition.taskRuns, now: now)
                try reconcile(taskRun: run.taskRunName, in: run.namespace, now: now)
                try store(run.running(at: now))
            }
        }
    }

    private mutating func cancel(_ taskRun: TaskRun, _ message: String) throws(StatusError) {
        guard !taskRun.hasEnded, taskRun.value.at("spec", "status") == nil else { return }
        var value = taskRun.value
        value.set("TaskRunCancelled", at: "spec", "status")
        value.set(.string(message), at: "spec", "statusMessage")
        value.set(.int((value.at("metadata", "generation")?.int ?? 0) + 1), at: "metadata", "generation")
        try store(value, as: ResourceDefinition.taskRuns)
    }

    /// Does with a TaskRun what the controller does next.
    mutating func reconcile(taskRun name: String, in namespace: String, now: Date) throws(StatusError) {
        guard let object = object(ResourceDefinition.taskRuns, namespace: namespace, name: name) else { return }
        let taskRun = TaskRun(object.value)
        let pod = self.object(ResourceDefinition.pods, namespace: namespace, name: taskRun.podName)
        for step in taskRun.steps(pod: pod?.value, now: now) {
            switch step {
            case .createPod: try createForTekton(taskRun.pod, as: ResourceDefinition.pods, now: now)
            case .deletePod:
                if let pod, let definition = definitions[ResourceDefinition.pods] {
                    try delete(pod, of: definition, DeleteOptions(), now: now)
                }
            case .releasePod:
                var released = pod?.value ?? [:]
                released.set("READY", at: "metadata", "annotations", "tekton.dev/ready")
                try store(released, as: ResourceDefinition.pods)
            case .write(let status):
                var changed = taskRun.value
                changed["status"] = status
                try store(changed, as: ResourceDefinition.taskRuns)
            }
        }
    }

    private mutating func createForTekton(_ value: Value, as resource: GroupResource, now: Date) throws(StatusError) {
        guard object(resource, namespace: value.namespace, name: value.name) == nil else { return }
        var value = value
        value.set(.string(UUID().uuidString.lowercased()), at: "metadata", "uid")
        value.set(.string(now.timestamp), at: "metadata", "creationTimestamp")
        value.set(1, at: "metadata", "generation")
        try store(value, as: resource)
    }
}

extension Value {
    fileprivate func ownerReferencesContain(_ uid: String) -> Bool {
        at("metadata", "ownerReferences")?.array?.contains { $0["uid"]?.string == uid } ?? false
    }
}
