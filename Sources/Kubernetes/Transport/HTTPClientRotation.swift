import AsyncHTTPClient
import Logging
import NIOCore
import NIOSSL
import Synchronization

/// Owns the HTTP client, and replaces it when a certificate's file has changed.
///
/// A request causes a check of the files when the last check is half a minute old, so that a change is in force within a
/// minute; between requests nothing runs. The replaced client finishes its exchanges: whoever returns its last lease
/// shuts it down.
final class HTTPClientRotation: Sendable {
    private static let interval = Duration.seconds(30)

    /// A client that is in use.
    struct Lease: Sendable {
        let client: HTTPClient
        fileprivate let generation: Int
    }

    /// A client, and how many exchanges use it.
    private struct Generation {
        var client: HTTPClient
        var leases = 0
        var isRetired = false
    }

    private struct State {
        var generations: [Int: Generation]
        var current = 0
        var material: TLSMaterial
        var checkedAt: ContinuousClock.Instant
        var isShutDown = false
    }

    private let configuration: KubernetesConfiguration
    private let options: KubernetesClientOptions
    private let logger: Logger
    /// Where every client's connections are.
    ///
    /// One event loop for all of them: a request need not change threads to get at a free one, and what there is to do for
    /// a call to the cluster is little beside what the cluster does.
    let executor: EventLoopExecutor
    private let state: Mutex<State>

    init(
        configuration: KubernetesConfiguration, options: KubernetesClientOptions, logger: Logger
    ) throws(KubernetesError) {
        let material = try TLSMaterial(configuration)
        let executor = EventLoopExecutor(HTTPClient.defaultEventLoopGroup.any())
        let client = try Self.makeClient(configuration, options, material, on: executor.eventLoop)
        self.executor = executor
        self.configuration = configuration
        self.options = options
        self.logger = logger
        state = Mutex(
            State(generations: [0: Generation(client: client)], material: material, checkedAt: ContinuousClock.now))
    }

    /// The current client, for one exchange; each lease is returned by one `release(_:)`.
    func lease() throws(TransportFailure) -> Lease {
        refresh(unlessYoungerThan: Self.interval)
        let lease: Lease? = state.withLock { state in
            guard !state.isShutDown, let client = state.generations[state.current]?.client else { return nil }
            state.generations[state.current]?.leases += 1
            return Lease(client: client, generation: state.current)
        }
        guard let lease else {
            throw TransportFailure(
                kind: .unusable, message: "the client is shut down", wasSent: false,
                cause: HTTPClientError.alreadyShutdown)
        }
        return lease
    }

    /// Reads the files now, unless they were read within that time; whether there is a new client since.
    @discardableResult
    func refresh(unlessYoungerThan age: Duration) -> Bool {
        let now = ContinuousClock.now
        let isDue = state.withLock { state in
            guard !state.isShutDown, state.checkedAt.duration(to: now) >= age else { return false }
            state.checkedAt = now
            return true
        }
        guard isDue, configuration.readsFiles else { return false }
        let material: TLSMaterial
        let client: HTTPClient
        do {
            material = try TLSMaterial(configuration)
            guard state.withLock({ $0.material != material }) else { return false }
            client = try Self.makeClient(configuration, options, material, on: executor.eventLoop)
        } catch {
            // The files may be in the middle of a change: what is in force stays in force until the next check.
            logger.debug("Kubernetes certificates not readable now", metadata: ["reason": "\(error.message)"])
            return false
        }
        let unused: HTTPClient? = state.withLock { state in
            guard !state.isShutDown else { return client }
            let old = state.current
            state.current += 1
            state.generations[state.current] = Generation(client: client)
            state.material = material
            state.generations[old]?.isRetired = true
            guard state.generations[old]?.leases == 0 else { return nil }
            return state.generations.removeValue(forKey: old)?.client
        }
        logger.debug("Kubernetes certificates changed")
        unused?.retire()
        return true
    }

    /// Ends all connections; calls under way fail.
    func shutdown() async {
        let clients: [HTTPClient] = state.withLock { state in
            state.isShutDown = true
            defer { state.generations = [:] }
            return state.generations.values.map(\.client)
        }
        for client in clients { try? await client.shutdown() }
    }

    /// Returns a lease.
    func release(_ lease: Lease) {
        let unused: HTTPClient? = state.withLock { state in
            guard var generation = state.generations[lease.generation] else { return nil }
            generation.leases -= 1
            state.generations[lease.generation] = generation
            guard generation.isRetired, generation.leases == 0 else { return nil }
            return state.generations.removeValue(forKey: lease.generation)?.client
        }
        unused?.retire()
    }

    private static func makeClient(
        _ configuration: KubernetesConfiguration, _ options: KubernetesClientOptions, _ material: TLSMaterial,
        on eventLoop: any EventLoop
    ) throws(KubernetesError) -> HTTPClient {
        var http = HTTPClient.Configuration(
            tlsConfiguration: try material.tlsConfiguration(skipsVerification: configuration.skipsTLSVerification),
            redirectConfiguration: .disallow, decompression: .disabled)
        // HTTP/1.1 by choice: a half-open HTTP/2 connection would fail every request, because the HTTP client has no
        // ping to detect it. A half-open HTTP/1.1 connection fails one request.
        http.httpVersion = .http1Only
        http.timeout.connect = TimeAmount(options.connectTimeout)
        http.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit =
            options.maximumConnections + options.maximumStreams
        // `RetrySchedule` decides about retries: otherwise a refused connection would be tried until the deadline.
        http.connectionPool.retryConnectionEstablishment = false
        // Nothing collects traces, and looking up a tracer costs each request.
        http.tracing.tracer = nil
        if let name = configuration.tlsServerName, name != configuration.server.host {
            http.dnsOverride = [name: configuration.server.host]
        }
        return HTTPClient(eventLoopGroup: eventLoop, configuration: http)
    }
}

extension HTTPClient {
    /// Closes what is left of a client that nobody uses any more.
    ///
    /// Nothing waits for its end: a peer that does not answer close_notify must not delay a call.
    fileprivate func retire() {
        shutdown { _ in }
    }
}

extension KubernetesConfiguration {
    /// Whether a certificate or key comes from a file, which may change.
    fileprivate var readsFiles: Bool {
        let sources = [certificateAuthority, clientCertificate?.certificate, clientCertificate?.key]
        return sources.contains { if case .file = $0 { true } else { false } }
    }
}
