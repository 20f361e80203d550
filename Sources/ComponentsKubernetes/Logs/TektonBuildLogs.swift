public import Components
import Foundation
import JSON
public import Kubernetes
public import Logging

/// The logs of Tekton's builds: a PipelineRun names its TaskRun, the TaskRun its pod, and each step is a container of the pod.
public struct TektonBuildLogs: BuildLogs {
    private let client: KubernetesClient
    private let namespace: String
    private let clock: any ClusterClock
    private let logger: Logger
    private let looks = SharedLooks<BuildLogView?>()

    /// The logs of the builds in that cluster.
    public init(
        client: KubernetesClient, settings: BuildSettings = BuildSettings(), clock: any ClusterClock, logger: Logger
    ) {
        self.client = client
        namespace = settings.namespace
        self.clock = clock
        self.logger = logger
    }

    /// Looks where the build stands; what can be read is read when the log is.
    public func open(
        _ build: PlannedBuild, of deployment: DeploymentIdentity, _ query: BuildLogQuery,
        wait: (any BuildLogWait)? = nil
    ) async throws(ClusterFailure) -> BuildLog {
        let view = try await view(of: build, deployment)
        return BuildLog { body in
            var reading = Reading(logs: self, build: build, deployment: deployment, query: query, wait: wait)
            try await reading.run(from: view, body)
        }
    }

    /// Where a build stood less than `age` ago: readers that wait for the same build share the calls.
    fileprivate func view(
        of build: PlannedBuild, _ deployment: DeploymentIdentity, noOlderThan age: Duration
    ) async throws(ClusterFailure) -> BuildLogView? {
        try await looks.look(build.id, noOlderThan: age) { () async throws(ClusterFailure) in
            try await view(of: build, deployment)
        }
    }

    /// Where a build stands: at most two calls.
    fileprivate func view(
        of build: PlannedBuild, _ deployment: DeploymentIdentity
    ) async throws(ClusterFailure) -> BuildLogView? {
        let metadata: Logger.Metadata = [
            "tool": "\(deployment.tool)", "deployment": "\(deployment.id)", "build": "\(build.id)",
        ]
        let runs: ResourceClient<PipelineRunObject> = client.resources(namespace: namespace)
        let run = try await logger.clusterRead("read build", metadata) { () throws(KubernetesError) in
            try await runs.getIfPresent(build.id)
        }
        guard let run, run.belongs(to: build, of: deployment) else { return nil }
        let observation = run.observation
        var view = BuildLogView(
            hasEnded: observation.phase.isTerminal, isQueued: observation.phase == .pending,
            message: observation.message)
        guard let name = observation.taskRun else { return view }
        let taskRuns: ResourceClient<TaskRunObject> = client.resources(namespace: namespace)
        let taskRun = try await logger.clusterRead("read the build's task", metadata) { () throws(KubernetesError) in
            try await taskRuns.getIfPresent(name)
        }
        // A run that is being deleted loses its task first.
        guard let taskRun, taskRun.belongs(to: build.id) else { return nil }
        view.hasBegun = !taskRun.steps.allSatisfy(\.isWaiting)
        view.place = taskRun.podName.map { BuildLogPlace(pod: $0) }
        view.steps = taskRun.steps.map { step in
            BuildLogMachine.Step(name: step.name, container: step.container ?? "step-\(step.name)")
        }
        return view
    }

    /// How the containers of a pod ended, those that did; `nil` if there is no such pod.
    fileprivate func exitCodes(of place: BuildLogPlace) async throws(ClusterFailure) -> [String: Int]? {
        let pods: ResourceClient<PodObject> = client.resources(namespace: namespace)
        return try await logger.clusterRead("read the build's pod", ["pod": "\(place.pod)"]) {
            () throws(KubernetesError) in
            try await pods.getIfPresent(place.pod)
        }?.exitCodes
    }

    fileprivate func log(
        of step: BuildLogMachine.Step, at place: BuildLogPlace, _ query: PodLogQuery
    ) async throws(KubernetesError) -> PodLog {
        try await client.log(ofPod: place.pod, namespace: namespace, query)
    }

    /// Waits; how it ends is for the caller to see, who looks at the cluster again.
    fileprivate func sleep(for duration: Duration) async { await clock.sleep(for: duration) }

    fileprivate func note(_ error: KubernetesError, of build: PlannedBuild) {
        logger.debug("log of a build not read", metadata: ["build": "\(build.id)", "error": "\(error)"])
    }
}

/// One reading of a log: does what the machine says.
private struct Reading {
    let logs: TektonBuildLogs
    let build: PlannedBuild
    let deployment: DeploymentIdentity
    let query: BuildLogQuery
    let wait: (any BuildLogWait)?
    private var machine: BuildLogMachine
    private var pieces: PodLog.Iterator?
    private var reader: BuildLogReader
    private var step = ""
    /// When the reader last got something.
    private var lastSign = ContinuousClock.now
    /// How old another reader's look may be: others wait as long as this one does.
    private var age = Duration.zero

    init(
        logs: TektonBuildLogs, build: PlannedBuild, deployment: DeploymentIdentity, query: BuildLogQuery,
        wait: (any BuildLogWait)?
    ) {
        self.logs = logs
        self.build = build
        self.deployment = deployment
        self.query = query
        self.wait = wait
        machine = BuildLogMachine(follows: query.follow, isCreated: query.isCreated)
        reader = BuildLogReader(secrets: query.secrets)
    }

    mutating func run(from view: BuildLogView?, _ body: BuildLog.Reader) async throws {
        defer { wait?.end() }
        var move = machine.looked(view)
        while true {
            if let note = move.note { try await give(.note(note), to: body) }
            if move.action == .end { return }
            guard !Task.isCancelled else { return try await give(.note(.serviceStops), to: body) }
            move = try await perform(move.action, body)
        }
    }

    private mutating func perform(
        _ action: BuildLogMachine.Action, _ body: BuildLog.Reader
    ) async throws -> BuildLogMachine.Move {
        switch action {
        case .look:
            do throws(ClusterFailure) {
                return machine.looked(try await logs.view(of: build, deployment, noOlderThan: age))
            } catch {
                return machine.refused(.cluster(error.sentence))
            }
        case .open(let place, let step, let again):
            return await open(step, at: place, again: again)
        case .read:
            return try await read(body)
        case .check(let place):
            do throws(ClusterFailure) {
                return machine.checked(try await logs.exitCodes(of: place))
            } catch {
                return machine.checkFailed(error.sentence)
            }
        case .waitForBegin:
            switch await wait?.next() {
            case .begun:
                age = .zero
                return machine.begun()
            case .never(let note): return machine.neverBegins(note)
            case .quiet:
                try await give(.pause, to: body)
                return BuildLogMachine.Move(action: .waitForBegin)
            case nil:
                // Nobody tells, or the task is cancelled.
                await logs.sleep(for: .seconds(5))
                return machine.waited()
            }
        case .wait(let delay):
            age = delay / 2
            let untilPause = BuildLogEvent.pauseLength - lastSign.duration(to: .now)
            guard delay >= untilPause else {
                await logs.sleep(for: delay)
                return machine.waited()
            }
            await logs.sleep(for: untilPause)
            if !Task.isCancelled { try await give(.pause, to: body) }
            await logs.sleep(for: delay - untilPause)
            return machine.waited()
        case .end:
            return BuildLogMachine.Move(action: .end)
        }
    }

    private mutating func open(
        _ step: BuildLogMachine.Step, at place: BuildLogPlace, again: Bool
    ) async -> BuildLogMachine.Move {
        pieces = nil
        var part = PodLogQuery(container: step.container, follow: query.follow, since: query.since, timestamps: true)
        if again {
            reader.readAgain()
            part.since = reader.lastTime.flatMap(Self.date) ?? query.since
        } else {
            reader = BuildLogReader(secrets: query.secrets)
            part.tailLines = query.tailLines
        }
        self.step = step.name
        do throws(KubernetesError) {
            // What follows is told by the log itself.
            defer { wait?.end() }
            pieces = try await logs.log(of: step, at: place, part).makeAsyncIterator()
            return machine.opened()
        } catch {
            logs.note(error, of: build)
            return machine.refused(BuildLogObstacle(error, ofPod: place.pod))
        }
    }

    private mutating func read(_ body: BuildLog.Reader) async throws -> BuildLogMachine.Move {
        let event: PodLog.Event
        do throws(KubernetesError) {
            event = try await pieces?.next(pausingAfter: BuildLogEvent.pauseLength) ?? .end
        } catch {
            logs.note(error, of: build)
            pieces = nil
            return machine.ended(isBroken: true)
        }
        switch event {
        case .piece(let bytes):
            try await give(reader.read(bytes), to: body)
            return machine.came()
        case .pause:
            try await give(.pause, to: body)
            return machine.opened()
        case .end:
            pieces = nil
            try await give(reader.finish(), to: body)
            return machine.ended(isBroken: false)
        }
    }

    private mutating func give(_ lines: [BuildLogLine], to body: BuildLog.Reader) async throws {
        if !lines.isEmpty { try await give(.lines(step: step, lines), to: body) }
    }

    private mutating func give(_ event: BuildLogEvent, to body: BuildLog.Reader) async throws {
        try await body(event)
        lastSign = .now
    }

    /// The second of a line's time, if it is in UTC.
    private static func date(_ time: ArraySlice<UInt8>) -> Date? {
        guard time.last == UInt8(ascii: "Z") else { return nil }
        return try? Date(String(decoding: time.prefix(19), as: UTF8.self) + "Z", strategy: .iso8601)
    }
}

extension BuildLogObstacle {
    /// Why the server does not give the log of a pod.
    init(_ error: KubernetesError, ofPod pod: String) {
        self =
            switch error.logObstacle(ofPod: pod) {
            case .notStarted: .notStarted
            case .noSuchContainer: .noSuchContainer
            case .noSuchPod: .noSuchPod
            case .nodeUnreachable: .nodeUnreachable
            case nil: .cluster(ClusterFailure(error).sentence)
            }
    }
}

extension ClusterFailure {
    /// Why, in words for the reader of a log.
    fileprivate var sentence: String {
        switch self {
        case .unavailable(let reason, _), .failed(let reason), .invalidResponse(let reason), .refused(let reason),
            .unreadable(let reason):
            reason
        case .timedOut: "the cluster did not answer in time"
        case .toolMissing, .toolTerminating, .terminating, .absent, .exists, .conflict, .full, .tooLarge:
            "the cluster does not give it"
        }
    }
}
