import FakeKubernetes
import NIOCore
import NIOPosix
import NIOSSL

/// Sends raw HTTP over TLS, one connection a request, and hands back what came until the connection closed.
struct TestClient: Sendable {
    let cluster: FakeCluster
    /// The files of a client certificate and its key.
    var certificate: (certificate: String, key: String)?

    struct Answer: Sendable {
        var status: Int
        var headers: [String: String]
        var body: [UInt8]

        /// The body as JSON; as a string where it is none.
        var value: Value { (try? Value(parsing: body)) ?? .string(String(decoding: body, as: UTF8.self)) }
    }

    /// Everything the server sent until it closed the connection; nothing at all, if it gave no answer.
    func exchange(_ bytes: [UInt8]) async throws -> [UInt8] {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .file(cluster.authorityFile)
        if let certificate {
            tls.certificateChain = try NIOSSLCertificate.fromPEMFile(certificate.certificate).map { .certificate($0) }
            tls.privateKey = .privateKey(try NIOSSLPrivateKey(file: certificate.key, format: .pem))
        }
        let context = try NIOSSLContext(configuration: tls)
        let port = cluster.baseURL.split(separator: ":").last.flatMap { Int($0) } ?? 0
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        NIOSSLClientHandler(context: context, serverHostname: nil))
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            // A server that has heard enough may close before all is sent.
            try? await outbound.write(ByteBuffer(bytes: bytes))
            var received: [UInt8] = []
            do {
                for try await part in inbound { received += Array(buffer: part) }
            } catch {
                // Cut off: what came before counts.
            }
            return received
        }
    }

    /// Sends one request.
    ///
    /// - Parameter token: `nil`: none; absent: the cluster's own.
    /// - Returns: `nil` if the connection was closed without an answer.
    func send(
        _ method: String, _ path: String, headers: [String: String] = [:], token: String?, body: [UInt8] = []
    ) async throws -> Answer? {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        if let token { head += "Authorization: Bearer \(token)\r\n" }
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if !body.isEmpty || method != "GET" { head += "Content-Length: \(body.count)\r\n" }
        let received = try await exchange(Array((head + "\r\n").utf8) + body)
        return received.isEmpty ? nil : Answer(received)
    }

    func send(_ method: String, _ path: String, _ body: Value? = nil, type: String = "application/json") async throws
        -> Answer?
    {
        try await send(
            method, path, headers: body == nil ? [:] : ["Content-Type": type], token: cluster.token,
            body: body?.serialized() ?? [])
    }
}

extension TestClient.Answer {
    /// Takes an answer apart, chunks included.
    init?(_ bytes: [UInt8]) {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        guard let code = lines.first?.split(separator: " ").dropFirst().first, let status = Int(code) else {
            return nil
        }
        self.status = status
        headers = [:]
        for line in lines.dropFirst() {
            let halves = line.split(separator: ":", maxSplits: 1)
            headers[halves[0].lowercased()] = String(halves[1].trimmingPrefix { $0 == " " })
        }
        var rest = bytes[end.upperBound...]
        guard headers["transfer-encoding"] == "chunked" else {
            body = Array(rest)
            return
        }
        body = []
        while let line = rest.firstRange(of: Array("\r\n".utf8)) {
            let size = Int(String(decoding: rest[..<line.lowerBound], as: UTF8.self), radix: 16) ?? 0
            body += rest[line.upperBound...].prefix(size)
            rest = rest[line.upperBound...].dropFirst(size + 2)
        }
    }
}
