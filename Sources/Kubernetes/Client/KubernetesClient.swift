public import JSON
public import Logging

/// A connection to one cluster: the way to typed clients for each kind.
///
/// One for each process is enough: it is safe to use from everywhere at once, and holds the pool of connections. Every
/// call has a deadline, is repeated where that is harmless, and throws `KubernetesError`. End it with `shutdown()`.
///
/// ```swift
/// let client = try KubernetesClient(
///     configuration: .load(), options: KubernetesClientOptions(fieldManager: "my-service"), logger: logger)
/// let namespace = try await client.resources(Namespace.self).get("tool-demo")
/// await client.shutdown()
/// ```
public struct KubernetesClient: Sendable {
    let options: KubernetesClientOptions
    let calls: CallExecutor

    /// A client for that cluster; nothing is sent yet.
    ///
    /// - Throws: `KubernetesError` with the code `configuration` if a certificate or key cannot be read, or if the
    ///   configuration would send credentials without TLS.
    public init(
        configuration: KubernetesConfiguration, options: KubernetesClientOptions, logger: Logger,
        observer: (any KubernetesObserver)? = nil
    ) throws(KubernetesError) {
        try configuration.validate()
        self.options = options
        calls = try CallExecutor(configuration: configuration, options: options, logger: logger, observer: observer)
    }

    /// The executor of the event loop that carries all connections (SE-0417), for `ComponentsServer` alone: it decides which
    /// thread runs what.
    ///
    /// A task that prefers it continues there after a call without a change of threads. It must not block, and must not
    /// compute for more than about a millisecond between two calls. What follows a response longer than
    /// `EventLoopExecutor.longestResponse` is moved to the global pool, in the task that made the call.
    package var taskExecutor: any TaskExecutor { calls.transport.executor }

    /// The objects of one kind in one namespace, or, without one, the kind's objects that live in none; lists without a
    /// namespace span all of them.
    public func resources<Resource>(
        _ type: Resource.Type = Resource.self, namespace: String? = nil
    ) -> ResourceClient<Resource> {
        ResourceClient(client: self, namespace: namespace)
    }

    /// The bytes that stand at any path of the server, such as `/readyz`.
    ///
    /// - Throws: `KubernetesError` for every response but one of success.
    public func get(path: String) async throws(KubernetesError) -> [UInt8] {
        try await calls.call(try KubernetesRequest(getting: path)).body
    }

    /// The JSON that stands at any path of the server, such as what discovery says of a group: `/apis/tekton.dev/v1`.
    public func getJSON(path: String) async throws(KubernetesError) -> JSONValue {
        guard let json = try await calls.call(try KubernetesRequest(getting: path)).json else {
            throw KubernetesError(.invalidResponse, "the response is not JSON")
        }
        return json
    }

    /// The newest reading of the API server's clock; `nil` before the first response.
    public var serverTime: ServerTime? { calls.serverTime }

    /// Ends all connections; calls under way fail, and later ones too.
    public func shutdown() async {
        await calls.shutdown()
    }
}
