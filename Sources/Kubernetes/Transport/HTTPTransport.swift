import AsyncHTTPClient
import JSON
import Logging
import NIOCore
import NIOHTTP1
import Synchronization

/// Sends requests, each once, and reads their responses, whole or as streams.
///
/// This is all that the rest of the library knows of HTTP: nothing outside this folder names the HTTP client's types.
struct HTTPTransport: Sendable {
    private let options: KubernetesClientOptions
    private let rotation: HTTPClientRotation
    /// What stands before the target in every URL.
    private let base: String
    /// The `Host` of every request.
    private let authority: String
    private let gate: ConnectionGate
    /// Streams have a gate of their own: those that stay open for long must not keep calls waiting.
    private let streamGate: ConnectionGate

    init(
        configuration: KubernetesConfiguration, options: KubernetesClientOptions, logger: Logger
    ) throws(KubernetesError) {
        let server = configuration.server
        // Under another name than the address's, the connection still goes to the address (`dnsOverride`).
        let host = ServerAddress.bracketed(configuration.tlsServerName ?? server.host)
        base = "\(server.isSecure ? "https" : "http")://\(host):\(server.port)\(server.basePath)"
        authority = server.authority
        self.options = options
        rotation = try HTTPClientRotation(configuration: configuration, options: options, logger: logger)
        gate = ConnectionGate(width: options.maximumConnections)
        streamGate = ConnectionGate(width: options.maximumStreams)
    }

    /// Where responses arrive.
    var executor: EventLoopExecutor { rotation.executor }

    /// Reads the certificates' files again, unless they were read within that time; whether they have changed since.
    @discardableResult
    func renewCertificates(unlessYoungerThan age: Duration) -> Bool { rotation.refresh(unlessYoungerThan: age) }

    /// Closes all connections; exchanges under way fail.
    func shutdown() async { await rotation.shutdown() }

    /// The response to a request, read to its last byte before the deadline.
    func send(
        _ request: KubernetesRequest, token: BearerToken?, until deadline: ContinuousClock.Instant
    ) async throws(TransportFailure) -> KubernetesResponse {
        try await gate.pass(until: deadline) { () async throws(TransportFailure) -> KubernetesResponse in
            try await exchange(request, token: token, until: deadline)
        }
    }

    /// The response to a request that has no body, once its head is there; the body is read from the stream.
    ///
    /// The deadline holds for the head alone. The stream holds a connection until it has ended or is closed.
    func open(
        _ request: KubernetesRequest, token: BearerToken?, until deadline: ContinuousClock.Instant
    ) async throws(TransportFailure) -> ResponseStream {
        try await streamGate.enter(until: deadline)
        let lease: HTTPClientRotation.Lease
        let prepared: HTTPClient.Request
        do throws(TransportFailure) {
            lease = try rotation.lease()
        } catch {
            streamGate.leave()
            throw error
        }
        let release: @Sendable () -> Void = {
            rotation.release(lease)
            streamGate.leave()
        }
        do {
            prepared = try prepare(request, token: token, mark: ObservedBody.Mark())
        } catch {
            release()
            throw TransportFailure(error, wasSent: false)
        }
        return try await ResponseStream.open(
            prepared, with: lease.client, on: rotation.executor.eventLoop, until: deadline, onClose: release)
    }

    /// One exchange by the HTTP client's interface of delegates and futures.
    ///
    /// All of it happens on the client's event loop, which also holds the deadline for the whole of it; its asynchronous
    /// functions would change threads for each part of a response, and their deadline ends at the response's head.
    private func exchange(
        _ request: KubernetesRequest, token: BearerToken?, until deadline: ContinuousClock.Instant
    ) async throws(TransportFailure) -> KubernetesResponse {
        let mark = ObservedBody.Mark()
        let lease = try rotation.lease()
        defer { rotation.release(lease) }
        do {
            let prepared = try prepare(request, token: token, mark: mark)
            let call = lease.client.execute(
                request: prepared,
                delegate: ResponseAccumulator(request: prepared, maxBodySize: options.maximumResponseSize),
                deadline: .now() + TimeAmount(ContinuousClock.now.duration(to: deadline)))
            let response = try await withTaskCancellationHandler {
                try await rotation.executor.value(of: call.futureResult) { $0.body?.readableBytes ?? 0 }
            } onCancel: {
                call.cancel()
            }
            return KubernetesResponse(
                status: Int(response.status.code), headers: response.headers,
                body: response.body.map { Array($0.readableBytesView) } ?? [])
        } catch {
            throw TransportFailure(error, wasSent: request.body == nil || mark.isSet)
        }
    }

    private func prepare(
        _ request: KubernetesRequest, token: BearerToken?, mark: ObservedBody.Mark
    ) throws -> HTTPClient.Request {
        var prepared = try HTTPClient.Request(
            url: base + request.target, method: HTTPMethod(rawValue: request.method.rawValue))
        prepared.headers.add(name: "host", value: authority)
        prepared.headers.add(name: "accept", value: request.accept)
        prepared.headers.add(name: "user-agent", value: options.userAgent)
        if let token { prepared.headers.add(name: "authorization", value: "Bearer " + token.secret) }
        if let body = request.body {
            prepared.headers.add(name: "content-type", value: body.contentType)
            prepared.body = .observed(body.bytes, mark: mark)
        }
        return prepared
    }
}

/// A response: whole, or the head of one whose body is a stream.
struct KubernetesResponse: Sendable {
    var status: Int
    /// The `Retry-After` header.
    var retryAfter: String?
    /// The `Date` header.
    var date: String?
    var body: [UInt8]

    var isSuccess: Bool { (200..<300).contains(status) }

    /// The body as JSON, or `nil` if it is none: the bytes are bounded, so the time is.
    var json: JSONValue? { try? JSONValue(parsing: body, limits: .trusted) }
}

extension KubernetesResponse {
    init(status: Int, headers: HTTPHeaders, body: [UInt8]) {
        self.init(
            status: status, retryAfter: headers.first(name: "retry-after"), date: headers.first(name: "date"),
            body: body)
    }
}

/// The body of a request, which notes whether it was asked for.
///
/// The HTTP client asks for it when it has a connection and has written the head. So a request that failed and whose
/// body was not asked for was not executed, whatever the error is called: a server that waits for a body does nothing.
enum ObservedBody {
    /// Whether the body was asked for.
    final class Mark: Sendable {
        private let flag = Atomic(false)
        var isSet: Bool { flag.load(ordering: .acquiring) }
        func set() { flag.store(true, ordering: .releasing) }
    }
}

extension HTTPClient.Body {
    /// A body of these bytes that sets `mark` when it is asked for.
    static func observed(_ bytes: [UInt8], mark: ObservedBody.Mark) -> HTTPClient.Body {
        .stream(contentLength: Int64(bytes.count)) { writer in
            mark.set()
            return writer.write(.byteBuffer(ByteBuffer(bytes: bytes)))
        }
    }
}
