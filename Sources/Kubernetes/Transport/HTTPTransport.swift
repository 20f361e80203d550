import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// Sends one request once, and reads the whole answer.
struct HTTPTransport: Sendable {
    let configuration: KubernetesConfiguration
    let options: KubernetesClientOptions
    let rotation: HTTPClientRotation
    private let gate: ConnectionGate

    init(
        configuration: KubernetesConfiguration, options: KubernetesClientOptions, rotation: HTTPClientRotation
    ) {
        self.configuration = configuration
        self.options = options
        self.rotation = rotation
        gate = ConnectionGate(width: options.maximumConnections)
    }

    func send(
        _ request: KubernetesRequest, token: BearerToken?
    ) async throws(TransportFailure) -> HTTPAnswer {
        try await gate.pass { () async throws(TransportFailure) -> HTTPAnswer in
            try await exchange(request, token: token)
        }
    }

    private func exchange(
        _ request: KubernetesRequest, token: BearerToken?
    ) async throws(TransportFailure) -> HTTPAnswer {
        let mark = ObservedBody.Mark()
        let prepared = prepare(request, token: token, mark: mark)
        let maximum = options.maximumAnswerSize
        return try await rotation.withClient { (client) async throws(TransportFailure) -> HTTPAnswer in
            do {
                // The deadline is the caller's affair, who cancels: this one ends only at the response head.
                let response = try await client.execute(prepared, deadline: .distantFuture)
                let body = try await response.body.collect(upTo: maximum)
                return HTTPAnswer(
                    status: Int(response.status.code), retryAfter: response.headers.first(name: "retry-after"),
                    body: Array(body.readableBytesView))
            } catch {
                throw TransportFailure(error, wasSent: request.body == nil || mark.isSet)
            }
        }
    }

    private func prepare(
        _ request: KubernetesRequest, token: BearerToken?, mark: ObservedBody.Mark
    ) -> HTTPClientRequest {
        let server = configuration.server
        // Under another name than the address's, the connection still goes to the address (`dnsOverride`).
        let host = configuration.tlsServerName ?? server.host
        let scheme = server.isSecure ? "https" : "http"
        var prepared = HTTPClientRequest(
            url: "\(scheme)://\(ServerAddress.bracketed(host)):\(server.port)\(server.basePath)\(request.target)")
        prepared.method = HTTPMethod(rawValue: request.method.rawValue)
        prepared.headers.add(name: "host", value: server.authority)
        prepared.headers.add(name: "accept", value: request.accept)
        prepared.headers.add(name: "user-agent", value: options.userAgent)
        if let token { prepared.headers.add(name: "authorization", value: "Bearer " + token.secret) }
        if let body = request.body {
            prepared.headers.add(name: "content-type", value: body.contentType)
            prepared.body = .stream(
                ObservedBody(bytes: body.bytes, mark: mark), length: .known(Int64(body.bytes.count)))
        }
        return prepared
    }
}
