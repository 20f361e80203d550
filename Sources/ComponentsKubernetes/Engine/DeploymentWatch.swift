public import Components
public import Kubernetes
public import Logging
import Synchronization

/// Watches the deployments of all tools that have not ended, and this service's PipelineRuns.
///
/// What it knows may be behind the cluster, and may be thrown away at any moment: whoever acts on it stores by compare and
/// swap. `EngineView` has the rules. While it is not live nobody needs it: requests ask the cluster.
public final class DeploymentWatch: Sendable {
    private struct Shared {
        var view = EngineView()
        var states: [WatchedKind: CacheState] = [:]
        var readers: [Int: AsyncStream<Set<DeploymentIdentity>>.Continuation] = [:]
        var followers: [DeploymentIdentity: [Int: AsyncStream<Void>.Continuation]] = [:]
        var nextID = 0
    }

    /// Selects the deployments that have not ended, those without a status among them.
    static let unfinishedSelector = DeploymentPhase.allCases.filter(\.isTerminal)
        .map { "status.phase!=\($0.rawValue)" }.joined(separator: ",")

    private let deployments: ResourceClient<ToolDeploymentObject>
    private let runs: ResourceClient<PipelineRunObject>
    private let logger: Logger
    private let shared = Mutex(Shared())
    private let madeAt = ContinuousClock.now

    /// A watch that has not begun.
    public init(client: KubernetesClient, buildNamespace: String, logger: Logger) {
        deployments = client.resources(ToolDeploymentObject.self)
        runs = client.resources(PipelineRunObject.self, namespace: buildNamespace)
        self.logger = logger
    }

    /// Follows both kinds until the task is cancelled.
    public func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask {
                let watch = self.deployments.watch(fieldSelector: Self.unfinishedSelector, projection: Self.record)
                await self.follow(watch, .deployments) { $0.apply($1) }
            }
            group.addTask {
                let watch = self.runs.watch(labelSelector: WatchedRun.labelSelector) {
                    (run) throws(KubernetesError) in try WatchedRun(run)
                }
                await self.follow(watch, .runs) { $0.apply($1) }
            }
        }
    }

    /// Whether both watches are connected and have told everything once.
    public var isLive: Bool { all { $0.isLive && $0.isComplete } }

    /// Whether both watches have told everything once.
    public var isComplete: Bool { all(\.isComplete) }

    private func all(_ condition: (CacheState) -> Bool) -> Bool {
        shared.withLock { shared in
            WatchedKind.allCases.allSatisfy { shared.states[$0].map(condition) ?? false }
        }
    }

    /// How a watch is doing.
    public func figures(of kind: WatchedKind) -> WatchFigures {
        let state = shared.withLock { $0.states[kind] } ?? CacheState()
        let age = state.isLive ? .zero : (state.lastContact ?? madeAt).duration(to: .now)
        return WatchFigures(age: age, restarts: max(0, state.resets - 1), failure: state.failure?.description)
    }

    /// The deployments that have not ended, as far as is known.
    public var unfinished: [DeploymentIdentity] { shared.withLock { $0.view.unfinished } }

    /// How many builds of deployments that have not ended are in each phase, as far as is known.
    public var builds: [BuildPhase: Int] { shared.withLock { $0.view.builds } }

    /// The deployments of which something changes from now on, until the task that reads them is cancelled.
    ///
    /// What this process stores itself (`stored`) is no change. The set may be empty: then something left, or the
    /// state of a watch changed.
    public func changes() -> AsyncStream<Set<DeploymentIdentity>> {
        let (stream, continuation) = AsyncStream.makeStream(of: Set<DeploymentIdentity>.self)
        let id = shared.withLock { shared in
            defer { shared.nextID += 1 }
            shared.readers[shared.nextID] = continuation
            return shared.nextID
        }
        continuation.onTermination = { [weak self] _ in
            self?.shared.withLock { _ = $0.readers.removeValue(forKey: id) }
        }
        return stream
    }

    private func follow<Value>(
        _ watch: Watch<Value>, _ kind: WatchedKind,
        _ apply: @Sendable (inout EngineView, WatchEvent<Value>) -> Set<DeploymentIdentity>
    ) async {
        for await event in watch {
            log(event, of: kind)
            let (changed, readers, followers) = shared.withLock { shared in
                shared.states[kind, default: CacheState()].note(event, now: .now)
                let followers = kind == .deployments ? Self.followers(of: event, in: shared.followers) : []
                return (apply(&shared.view, event), Array(shared.readers.values), followers)
            }
            for follower in followers { follower.yield() }
            if case .applied = event, changed.isEmpty { continue }
            for reader in readers { reader.yield(changed) }
        }
        shared.withLock { $0.states[kind, default: CacheState()].disconnected() }
    }

    /// Those whose deployment an event of the deployments' watch may be about.
    ///
    /// A deployment that ends leaves the watch, which calls it deleted. What happened before a reset is not told one by one.
    private static func followers<Value>(
        of event: WatchEvent<Value>, in followers: [DeploymentIdentity: [Int: AsyncStream<Void>.Continuation]]
    ) -> [AsyncStream<Void>.Continuation] {
        switch event {
        case .applied(let key, _), .deleted(let key, _):
            DeploymentIdentity(key).flatMap { followers[$0] }.map { Array($0.values) } ?? []
        case .reset: followers.values.flatMap(\.values)
        case .live, .interrupted: []
        }
    }

    /// Logs what an admin may have to mend; an interruption once, however often it is tried again.
    private func log<Value>(_ event: WatchEvent<Value>, of kind: WatchedKind) {
        switch event {
        case .interrupted(let error):
            let isNew = shared.withLock { $0.states[kind]?.failure?.code != error.code }
            // A watch ends every few minutes, and every restart of the API server ends it.
            logger.log(
                level: isNew ? .notice : .debug, "watch interrupted",
                metadata: ["kind": "\(kind.rawValue)", "error": "\(error)"])
        case .applied(let key, .failure(let error)):
            logger.debug(
                "watched object cannot be read",
                metadata: ["kind": "\(kind.rawValue)", "object": "\(key)", "error": "\(error)"])
        case .live, .reset, .applied, .deleted:
            break
        }
    }

    /// What is kept of a deployment; `nil` if it is being deleted.
    @Sendable private static func record(
        _ object: ToolDeploymentObject
    ) throws(KubernetesError) -> DeploymentRecord? {
        guard !object.metadata.isBeingDeleted else { return nil }
        guard let tool = object.metadata.namespace.flatMap({ ToolName(namespace: $0) }) else {
            throw KubernetesError(.invalidResponse, "its namespace is no tool's")
        }
        do {
            return try object.record(of: tool).withoutConfig
        } catch {
            throw KubernetesError(.invalidResponse, "it is no record of a deployment: \(error)")
        }
    }
}

extension DeploymentWatch: DeploymentChanges {
    /// A signal for each event of the watch that may be about the deployment, whoever stored what it tells.
    public func changes(of deployment: DeploymentIdentity) -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let id = shared.withLock { shared in
            defer { shared.nextID += 1 }
            shared.followers[deployment, default: [:]][shared.nextID] = continuation
            return shared.nextID
        }
        continuation.onTermination = { [weak self] _ in
            self?.shared.withLock { shared in
                shared.followers[deployment]?[id] = nil
                if shared.followers[deployment]?.isEmpty == true { shared.followers[deployment] = nil }
            }
        }
        return stream
    }
}

extension DeploymentWatch: DeploymentFeed {
    /// The record as it was seen or stored last, without its config.
    public func record(of deployment: DeploymentIdentity) -> DeploymentRecord? {
        shared.withLock { $0.view.record(of: deployment) }
    }

    /// The build as it was seen last.
    public func observation(of build: PlannedBuild, of deployment: DeploymentIdentity) -> BuildObservation? {
        shared.withLock { $0.view.observation(of: build, of: deployment) }
    }

    /// Takes a record that was just stored, unless a newer version is known.
    public func stored(_ record: DeploymentRecord) { shared.withLock { $0.view.stored(record) } }
}

/// What is watched.
public enum WatchedKind: String, Sendable, CaseIterable {
    case deployments = "tooldeployments"
    case runs = "pipelineruns"
}

/// How a watch is doing.
public struct WatchFigures: Sendable, Equatable {
    /// How long ago it was connected last; zero while it is.
    public var age: Duration
    /// How often it has begun anew, with a list of everything.
    public var restarts: Int
    /// Why it is not connected, if it is not.
    public var failure: String?
}
