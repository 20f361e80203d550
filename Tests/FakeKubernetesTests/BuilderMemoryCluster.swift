import Synchronization

@testable import FakeKubernetes

/// A cluster of PipelineRuns and nothing else, for the builder.
final class BuilderMemoryCluster: BuilderCluster {
    private struct State {
        var runs: [String: Value] = [:]
        var version: Int64 = 0
        /// How many of the next writes find that somebody else was faster.
        var conflicts = 0
        var watchers: [AsyncStream<PipelineRunEvent>.Continuation] = []
        /// Every state that a run went through.
        var history: [String: [Value]] = [:]
        var observers: [Int: AsyncStream<Value>.Continuation] = [:]
        var nextObserver = 0
    }

    private let state = Mutex(State())

    func pipelineRuns(in namespace: String) async -> AsyncStream<PipelineRunEvent> {
        let (events, continuation) = AsyncStream.makeStream(of: PipelineRunEvent.self)
        state.withLock { state in
            let runs = state.runs.values.sorted { Self.version($0) < Self.version($1) }
            for run in runs { continuation.yield(.present(run)) }
            state.watchers.append(continuation)
        }
        return events
    }

    func pipelineRun(named name: String, in namespace: String) async -> Value? { run(name) }

    func store(_ run: Value) async throws(BuilderConflict) { try write(run, keeping: "status") }

    func storeStatus(of run: Value) async throws(BuilderConflict) { try write(run, keeping: "spec") }

    // MARK: What tests do

    func run(_ name: String) -> Value? { state.withLock { $0.runs[name] } }

    /// The reasons of the conditions that a run went through.
    func reasons(of name: String) -> [String] {
        let all = state.withLock { $0.history[name] ?? [] }
            .compactMap { PipelineRun($0).condition?["reason"]?.string }
        return all.enumerated().filter { $0.offset == 0 || all[$0.offset - 1] != $0.element }.map(\.element)
    }

    func create(_ run: Value) {
        var run = run
        state.withLock { state in
            run.set(.string("uid-\(state.version)"), at: "metadata", "uid")
            run.set("image-build", at: "metadata", "namespace")
            run.set(.string("2026-11-22T09:00:\(10 + state.version % 50)Z"), at: "metadata", "creationTimestamp")
            put(run, in: &state)
        }
    }

    func change(_ name: String, _ change: (inout Value) -> Void) {
        state.withLock { state in
            guard var run = state.runs[name] else { return }
            change(&run)
            put(run, in: &state)
        }
    }

    func setStatus(_ status: String?, of name: String) {
        change(name) { $0.set(status.map { .string($0) }, at: "spec", "status") }
    }

    func delete(_ name: String) {
        state.withLock { state in
            guard let run = state.runs.removeValue(forKey: name) else { return }
            for watcher in state.watchers { watcher.yield(.deleted(run)) }
        }
    }

    func failNextWrites(_ count: Int) { state.withLock { $0.conflicts = count } }

    /// Waits until a run's condition has one of these reasons.
    func wait(for reasons: String..., of name: String) async -> Value? {
        let (states, continuation) = AsyncStream.makeStream(of: Value.self)
        let key = state.withLock { state in
            state.nextObserver += 1
            let key = state.nextObserver
            state.observers[key] = continuation
            if let run = state.runs[name] { continuation.yield(run) }
            return key
        }
        defer { state.withLock { _ = $0.observers.removeValue(forKey: key) } }
        for await run in states where PipelineRun(run).name == name {
            if let reason = PipelineRun(run).condition?["reason"]?.string, reasons.contains(reason) { return run }
        }
        return nil
    }

    private func write(_ run: Value, keeping part: String) throws(BuilderConflict) {
        let name = PipelineRun(run).name
        let conflict: BuilderConflict? = state.withLock { state in
            guard let current = state.runs[name] else { return .gone }
            if state.conflicts > 0 {
                state.conflicts -= 1
                var touched = current
                touched.set(.string("\(state.version)"), at: "metadata", "annotations", "touched")
                put(touched, in: &state)
                return .modified
            }
            guard Self.version(current) == Self.version(run) else { return .modified }
            var next = run
            next[part] = current[part]
            put(next, in: &state)
            return nil
        }
        if let conflict { throw conflict }
    }

    private func put(_ run: Value, in state: inout State) {
        var run = run
        state.version += 1
        run.set(.string(String(state.version)), at: "metadata", "resourceVersion")
        let name = PipelineRun(run).name
        state.runs[name] = run
        state.history[name, default: []].append(run)
        for watcher in state.watchers { watcher.yield(.present(run)) }
        for observer in state.observers.values { observer.yield(run) }
    }

    private static func version(_ run: Value) -> Int64 {
        run.at("metadata", "resourceVersion")?.string.flatMap(Int64.init) ?? 0
    }
}
