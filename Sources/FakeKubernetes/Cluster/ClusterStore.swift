import Foundation
import Synchronization

/// The cluster's state behind a lock; each request is one turn.
final class ClusterStore: Sendable {
    private let state = Mutex(ClusterState())
    /// Speaks up whenever a namespace waits to be emptied.
    let terminations: AsyncStream<Void>
    private let terminationsSignal: AsyncStream<Void>.Continuation

    init() {
        (terminations, terminationsSignal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Looks at the state.
    func read<Result: Sendable>(_ body: (borrowing ClusterState) throws(StatusError) -> Result) throws(StatusError)
        -> Result
    {
        try state.withLock { state throws(StatusError) in try body(state) }
    }

    /// Changes the state; what is thrown undoes nothing, so operations check before they write.
    func write<Result: Sendable>(_ body: (inout ClusterState) throws(StatusError) -> Result) throws(StatusError)
        -> Result
    {
        try state.withLock { state throws(StatusError) in try body(&state) }
    }

    /// Carries a request out.
    ///
    /// - Returns: `nil` where nothing is served at that path.
    func perform(_ call: APICall) throws(StatusError) -> APIAnswer? {
        guard
            let operation = try read({ state throws(StatusError) in
                state.definitions[call.resource].flatMap { definition in
                    definition.version(call.path.version).map {
                        Operation(call: call, definition: definition, version: $0, now: Date())
                    }
                }
            })
        else { return nil }
        guard operation.isServed else { return nil }
        let answer = try write { state throws(StatusError) in
            var answer = try state.perform(operation)
            answer.revision = state.resourceVersion
            return answer
        }
        if operation.definition.origin == .namespace, call.verb == .delete { terminationsSignal.yield() }
        return answer
    }

    /// Empties namespaces that are being deleted, a moment after their deletion, until it is cancelled.
    func emptyNamespaces(after moment: Duration) async {
        for await _ in terminations {
            while (try? read { state throws(StatusError) in state.hasTerminatingNamespaces }) == true {
                // A namespace is terminating for a while on purpose, so that clients can meet one.
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
        if let subresource = path.subresource, subresource != "status" || !version.hasStatus { return false }
        guard definition.isNamespaced else { return path.namespace == nil }
        return path.namespace != nil || ((call.verb == .list || call.verb == .watch) && path.name == nil)
    }
}

extension ClusterState {
    /// One turn.
    mutating func perform(_ operation: Operation) throws(StatusError) -> APIAnswer {
        let call = operation.call
        if operation.isStatus, ![.get, .update, .patch].contains(call.verb) {
            throw .methodNotAllowed(operation.resource)
        }
        switch call.verb {
        case .get:
            guard let object = object(operation.resource, namespace: operation.namespace, name: operation.name) else {
                throw .notFound(operation.resource, operation.name)
            }
            return try Presentation(operation).answer(object)
        case .list: return APIAnswer(status: 200, value: try Presentation(operation).list(try selected(operation)))
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
