import Foundation
import Logging

@testable import FakeKubernetes

/// A cluster without sockets, in which Tekton, its node and the garbage collector are played.
struct BuildWorld: Sendable {
    let store: ClusterStore
    let tekton: Tekton

    /// Plays for the time of a test.
    static func with(
        duration: Duration = .zero, parallelism: Int = 8, transports: [String] = ["file"],
        _ test: @escaping @Sendable (BuildWorld) async throws -> Void
    ) async throws {
        let store = ClusterStore()
        try store.write { state throws(StatusError) in try state.ensureNamespace("image-build", now: Date()) }
        let settings = BuildSettings(
            parallelism: parallelism, duration: duration, git: GitSettings(transports: transports))
        let tekton = Tekton(cluster: store, settings: settings, logger: Logger(label: "test"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await tekton.run() }
            group.addTask { await store.collectGarbage() }
            defer { group.cancelAll() }
            try await test(BuildWorld(store: store, tekton: tekton))
        }
    }

    // MARK: What clients do

    /// Sends a request.
    @discardableResult
    func request(
        _ verb: Verb, _ resource: GroupResource, _ name: String? = nil, query: String = "", body: Value? = nil,
        type: String = "application/json"
    ) throws -> Value {
        let path = ResourcePath(
            group: resource.group, version: "v1", resource: resource.resource, namespace: "image-build", name: name)
        let call = APICall(
            verb: verb, path: path, query: QueryItems(query), contentType: type, body: body?.serialized() ?? [])
        return try Value(parsing: store.perform(call)?.body ?? [])
    }

    func create(_ run: Value) throws { try request(.create, ResourceDefinition.pipelineRuns, body: run) }

    func setStatus(_ status: String?, of name: String) throws {
        try request(
            .patch, ResourceDefinition.pipelineRuns, name,
            body: ["spec": ["status": status.map { .string($0) } ?? .null]],
            type: "application/merge-patch+json")
    }

    func delete(_ resource: GroupResource, _ name: String, query: String = "") throws {
        try request(.delete, resource, name, query: query)
    }

    // MARK: What is there, and what was

    func object(_ resource: GroupResource, _ name: String) -> Value? {
        let found = try? store.read { state throws(StatusError) in
            state.object(resource, namespace: "image-build", name: name)?.value
        }
        return found ?? nil
    }

    func run(_ name: String) -> Value? { object(ResourceDefinition.pipelineRuns, name) }
    func taskRun(_ name: String) -> Value? { object(ResourceDefinition.taskRuns, "\(name)-build-from-git") }
    func pod(_ name: String) -> Value? { object(ResourceDefinition.pods, "\(name)-build-from-git-pod") }

    func log(of step: String, _ name: String) -> [String] {
        guard let pod = pod(name) else { return [] }
        return store.logs.lines(of: PodLogs.Container(podUID: pod.uid, name: "step-\(step)")).map(\.text)
    }

    /// Every event of an object of that name, in their order.
    func events(_ resource: GroupResource, _ name: String) -> [WatchEvent] {
        let all = try? store.read { state throws(StatusError) in state.history }
        return (all ?? []).filter { $0.resource == resource && $0.object.value.name == name }
    }

    /// The reasons of the conditions that a run went through.
    func reasons(of name: String) -> [String] {
        let all = events(ResourceDefinition.pipelineRuns, name)
            .compactMap { PipelineRun($0.object.value).condition?["reason"]?.string }
        return all.enumerated().filter { $0.offset == 0 || all[$0.offset - 1] != $0.element }.map(\.element)
    }

    /// Waits until an object of that name was in a state, and returns that state; `nil` if the test ends before.
    @discardableResult
    func wait(
        for resource: GroupResource, _ name: String, until isReached: @Sendable (WatchEvent) -> Bool
    ) async -> Value? {
        let (events, continuation) = AsyncStream.makeStream(of: WatchEvent.self)
        let past = try? store.write { state throws(StatusError) in
            state.subscribe(continuation)
            return state.history
        }
        func isMeant(_ event: WatchEvent) -> Bool {
            event.resource == resource && event.object.value.name == name && isReached(event)
        }
        if let event = past?.first(where: isMeant) { return event.object.value }
        for await event in events where isMeant(event) { return event.object.value }
        return nil
    }

    /// Waits until a run's condition has one of these reasons.
    @discardableResult
    func wait(for reasons: String..., of name: String) async -> Value? {
        await wait(for: ResourceDefinition.pipelineRuns, name) { event in
            PipelineRun(event.object.value).condition?["reason"]?.string.map { reasons.contains($0) } ?? false
        }
    }

    /// Waits until a pod of that run has ended or is gone, whichever is asked for.
    func waitUntilPodIsGone(_ name: String) async {
        await wait(for: ResourceDefinition.pods, "\(name)-build-from-git-pod") { $0.change == .deleted }
    }
}
