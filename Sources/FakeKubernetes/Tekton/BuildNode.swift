import Foundation
import Logging

/// Why a pod has to stop.
enum PodStop: Sendable, Equatable {
    /// It is being deleted, and has time to stop.
    case terminated
    /// It was deleted at once.
    case killed
}

/// Plays the scheduler and the kubelet of the one node: runs the pods of builds.
struct BuildNode: Sendable {
    /// How a step, or the wait for something, ended.
    private enum Outcome: Sendable {
        case exit(BuildPod.Exit)
        case stopped(PodStop)
        /// The cluster itself stops.
        case interrupted
    }

    let cluster: ClusterStore
    let settings: BuildSettings
    let plans: BuildPlans
    let gate: Signal<Bool>
    let logger: Logger

    /// Runs a pod until it ends or is deleted.
    func run(_ pod: Value, until stop: Signal<PodStop>) async {
        let id = PodIdentity(pod)
        let plan = plans.plan(for: pod.at("metadata", "labels", "tekton.dev/pipelineRun")?.string ?? "")
        switch plan?.ending {
        case .cannotBeScheduled:
            change(id) { $0.cannotBeScheduled(at: Date()) }
            return
        case .imageCannotBePulled:
            change(id) { $0.bind(to: "fake-node", at: Date()) }
            change(id) { $0.prepare(at: Date()) }
            change(id) { $0.cannotPull(hasGivenUp: false) }
            change(id) { $0.cannotPull(hasGivenUp: true) }
            await finish(id, after: stop)
            return
        default: break
        }
        change(id) { $0.bind(to: "fake-node", at: Date()) }
        change(id) { $0.prepare(at: Date()) }
        change(id) { $0.begin(at: Date()) }
        logger.debug("pod begun", metadata: ["pod": "\(id.name)"])
        let build = Build(id: id, pod: pod, plan: plan, task: task(of: pod))
        for step in BuildpacksPipeline.steps {
            let start = Date()
            let outcome = await first(of: { await work(on: step, build) }, unless: stop)
            cluster.logs.end(id.log(of: step))
            switch outcome {
            case .exit(let exit):
                if case .evicted = plan?.ending, step == "build" {
                    change(id) { $0.evict(at: Date()) }
                    await finish(id, after: stop)
                    return
                }
                let isLast = exit.code != 0 || step == BuildpacksPipeline.steps.last
                let isOutOfMemory = exit.reason == "OOMKilled"
                change(id) { pod in
                    pod.end(step, exit, from: start, at: Date())
                    if isLast, !isOutOfMemory { pod.finish(succeeded: exit.code == 0, at: Date()) }
                }
                // The controller notices a lack of memory before the pod has ended.
                if isOutOfMemory { change(id) { $0.finish(succeeded: false, at: Date()) } }
                guard isLast else { continue }
                await finish(id, after: stop)
                return
            case .stopped(.terminated):
                change(id) { pod in
                    let exit = BuildPod.Exit(code: 143, reason: "Error")
                    pod.end(step, exit, from: start, at: Date())
                    pod.finish(succeeded: false, others: exit, at: Date())
                }
                remove(id)
                return
            case .stopped(.killed), .interrupted: return
            }
        }
    }

    /// Leaves an ended pod, with its log, until it is deleted.
    private func finish(_ id: PodIdentity, after stop: Signal<PodStop>) async {
        for step in BuildpacksPipeline.steps { cluster.logs.end(id.log(of: step)) }
        if await stop.wait() == .terminated { remove(id) }
    }

    // MARK: Steps

    /// What the steps of a build have to know.
    private struct Build: Sendable {
        let id: PodIdentity
        let pod: Value
        let plan: BuildPlan?
        let task: TaskRun?
        let commit = Signal<String>()

        var image: String { task?.parameter("image") ?? "" }

        /// The same for the same source, as Buildpacks' images are.
        var digest: String {
            "sha256:" + BuildPod.digest(of: "\(task?.parameter("url") ?? "") \(commit.value ?? "") \(image)")
        }
    }

    private func task(of pod: Value) -> TaskRun? {
        let name = pod.at("metadata", "labels", "tekton.dev/taskRun")?.string ?? ""
        let found = try? cluster.read { state throws(StatusError) in
            state.object(ResourceDefinition.taskRuns, namespace: settings.namespace, name: name)?.value
        }
        return (found ?? nil).map { TaskRun($0) }
    }

    private func work(on step: String, _ build: Build) async -> Outcome {
        let log = build.id.log(of: step)
        var exit = BuildPod.Exit()
        do {
            switch step {
            case "clone": exit = try await clone(build, log)
            case "build":
                let lines = build.plan?.log(of: step) ?? BuildLog.build(image: build.image)
                for line in lines {
                    cluster.logs.append(line, to: log)
                    // As long as a build is said to take: nothing is really built.
                    try await Task.sleep(for: settings.duration / max(lines.count, 1))
                }
                if let plan = build.plan, plan.isHeld, await plan.isReplaced.wait() == nil { return .interrupted }
            default:
                let digest = build.digest
                for line in BuildLog.export(image: build.image, digest: digest) { cluster.logs.append(line, to: log) }
                exit.results = [
                    ["key": "APP_IMAGE_DIGEST", "value": .string(digest)],
                    ["key": "APP_IMAGE_URL", "value": .string(build.image)],
                ]
            }
        } catch {
            return .interrupted
        }
        switch build.plan?.ending {
        case .fails(step, let code, let message):
            exit = BuildPod.Exit(code: code, reason: "Error", message: message)
            if step != "build" { for line in build.plan?.log(of: step) ?? [] { cluster.logs.append(line, to: log) } }
            cluster.logs.append("ERROR: failed to build: exit status \(code)", to: log)
        case .outOfMemory(step): exit = BuildPod.Exit(code: 137, reason: "OOMKilled")
        default: break
        }
        return await gate.wait() == nil ? .interrupted : .exit(exit)
    }

    private func clone(_ build: Build, _ log: PodLogs.Container) async throws -> BuildPod.Exit {
        let source = GitSource(url: build.task?.parameter("url") ?? "", reference: build.task?.parameter("ref") ?? "")
        cluster.logs.append("Cloning into '/workspace/source'...", to: log)
        do {
            let commit = try await GitCloner(settings: settings.git).clone(source)
            build.commit.set(commit)
            cluster.logs.append("HEAD is now at \(commit.prefix(7))", to: log)
            return BuildPod.Exit()
        } catch {
            try Task.checkCancellation()
            cluster.logs.append((error as? GitFailure)?.words ?? "fatal: \(error)", to: log)
            return BuildPod.Exit(code: 128, reason: "Error")
        }
    }

    /// Works until it is done or stopped; whatever else was begun is over when this returns.
    private func first(
        of work: @escaping @Sendable () async -> Outcome, unless stop: Signal<PodStop>
    ) async -> Outcome {
        await withTaskGroup(of: Outcome.self) { group in
            group.addTask { await work() }
            group.addTask { await stop.wait().map { .stopped($0) } ?? .interrupted }
            let first = await group.next() ?? .interrupted
            group.cancelAll()
            return first
        }
    }

    // MARK: The cluster

    /// One pod among all that ever had its name.
    private struct PodIdentity: Sendable {
        let namespace: String
        let name: String
        let uid: String

        init(_ pod: Value) { (namespace, name, uid) = (pod.namespace ?? "", pod.name, pod.uid) }

        func log(of step: String) -> PodLogs.Container { PodLogs.Container(podUID: uid, name: "step-" + step) }
    }

    /// Writes a new state of the pod, and lets the controller see it before anything else happens.
    private func change(_ id: PodIdentity, _ change: (inout BuildPod) -> Void) {
        try? cluster.write { state throws(StatusError) in
            guard let stored = state.object(ResourceDefinition.pods, namespace: id.namespace, name: id.name),
                stored.value.uid == id.uid
            else { return }
            var pod = BuildPod(stored.value)
            change(&pod)
            guard pod.value != stored.value else { return }
            try state.store(pod.value, as: ResourceDefinition.pods)
            if let taskRun = pod.value.at("metadata", "labels", "tekton.dev/taskRun")?.string {
                try state.reconcile(taskRun: taskRun, in: id.namespace, now: Date())
            }
        }
    }

    private func remove(_ id: PodIdentity) {
        try? cluster.write { state throws(StatusError) in
            guard let stored = state.object(ResourceDefinition.pods, namespace: id.namespace, name: id.name),
                stored.value.uid == id.uid, let definition = state.definitions[ResourceDefinition.pods]
            else { return }
            var options = DeleteOptions()
            options.gracePeriod = 0
            try state.delete(stored, of: definition, options, now: Date())
        }
    }
}

/// What the steps of a build with Buildpacks write into their logs.
private enum BuildLog {
    static func build(image: String) -> [String] {
        [
            "===> ANALYZING", "Image with name \(image.goQuoted) not found", "===> DETECTING",
            "2 of 3 buildpacks participating", "heroku/python   0.22.0", "heroku/procfile 4.2.0", "===> RESTORING",
            "===> BUILDING", "[Discovering process types]", "Procfile declares types -> web",
        ]
    }

    static func export(image: String, digest: String) -> [String] {
        [
            "===> EXPORTING", "Adding 1/1 app layer(s)", "Adding layer 'buildpacksio/lifecycle:launcher'",
            "Adding layer 'buildpacksio/lifecycle:config'", "Setting default process type 'web'", "Saving \(image)...",
            "*** Images (\(digest)):", "      \(image)",
        ]
    }
}
