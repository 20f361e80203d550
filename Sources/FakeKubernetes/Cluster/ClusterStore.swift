import Foundation
import Synchronization

/// The cluster's state behind a lock; each request is carried out atomically.
final class ClusterStore: Sendable {
    private let state: Mutex<ClusterState>
    /// What the containers of pods have written.
    let logs: PodLogs
    /// Yields whenever a namespace waits to be emptied.
    private let terminations: AsyncStream<Void>
    private let terminationsSignal: AsyncStream<Void>.Continuation
    /// Yields whenever the garbage collector has something to look into.
    private let garbage: AsyncStream<Void>
    private let garbageSignal: AsyncStream<Void>.Continuation

    init() {
        let logs = PodLogs()
        self.logs = logs
        state = Mutex(ClusterState(logs: logs))
        (terminations, terminationsSignal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        (garbage, garbageSignal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Reads the state.
    func read<Result: Sendable>(_ body: (borrowing ClusterState) throws(StatusError) -> Result) throws(StatusError)
        -> Result
    {
        try state.withLock { state throws(StatusError) in try body(state) }
    }

    /// Changes the state.
    ///
    /// An error undoes nothing, so operations check before they write.
    func write<Result: Sendable>(_ body: (inout ClusterState) throws(StatusError) -> Result) throws(StatusError)
        -> Result
    {
        let (result, hasGarbage) = try state.withLock { state throws(StatusError) in
            (try body(&state), !state.ownership.isEmpty)
        }
        if hasGarbage { garbageSignal.yield() }
        return result
    }

    /// Plays the garbage collector until it is cancelled.
    func collectGarbage() async {
        for await _ in garbage {
            try? write { state throws(StatusError) in try state.collectGarbage(now: Date()) }
        }
    }

    /// Carries a request out.
    ///
    /// - Returns: `nil` where nothing is served at that path.
    func perform(_ call: APICall) throws(StatusError) -> APIResponse? {
        guard
            let operation = try read({ state throws(StatusError) in
                try state.definitions[call.resource].flatMap { definition in
                    definition.version(call.path.version).map { (definition, $0) }
                }.map { kind throws(StatusError) in
                    try Operation(call: call, definition: kind.0, version: kind.1, now: Date())
                }
            })
        else { return nil }
        guard operation.isServed else { return nil }
        if call.path.subresource == "log" { return try log(operation) }
        let response = try write { state throws(StatusError) in
            var response = try state.perform(operation)
            response.revision = state.resourceVersion
            return response
        }
        if operation.definition.origin == .namespace, call.verb == .delete { terminationsSignal.yield() }
        return response
    }

    /// Empties namespaces that are being deleted, a moment after their deletion, until it is cancelled.
    func emptyNamespaces(after moment: Duration) async {
        for await _ in terminations {
            while (try? read { state throws(StatusError) in state.hasTerminatingNamespaces }) == true {
                // On purpose: clients can see a terminating namespace.
                guard (try? await Task.sleep(for: moment)) != nil else { return }
                try? write { state throws(StatusError) in try state.emptyTerminatingNamespaces(now: Date()) }
            }
        }
    }
}

extension Operation {
    /// Whether the path exists for this kind.
    var isServed: Bool {
        let path = call.path
        switch path.subresource {
        case nil: break
        case "status" where version.hasStatus: break
        case "log" where definition.origin == .pod: break
        default: return false
        }
        guard definition.isNamespaced else { return path.namespace == nil }
        return path.namespace != nil || ((call.verb == .list || call.verb == .watch) && path.name == nil)
    }
}

extension ClusterState {
    /// Carries out one request.
    mutating func perform(_ operation: Operation) throws(StatusError) -> APIResponse {
        let call = operation.call
        if operation.isStatus, ![.get, .update, .patch].contains(call.verb) {
            throw .methodNotAllowed(operation.resource)
        }
        switch call.verb {
        case .get:
            guard let object = object(operation.resource, namespace: operation.namespace, name: operation.name) else {
                throw .notFound(operation.resource, operation.name)
            }
            return operation.response(object)
        case .list:
            return APIResponse(status: 200, value: Presentation(operation: operation).list(try selected(operation)))
        case .watch: return try watch(operation)
        case .create:
            guard call.path.name == nil else { throw .methodNotAllowed(operation.resource) }
            return try create(operation)
        case .update: return try update(operation)
        case .patch: return try patch(operation)
        case .delete: return try delete(operation)
        case .deletecollection: return try deleteCollection(operation)
        }
    }
}
