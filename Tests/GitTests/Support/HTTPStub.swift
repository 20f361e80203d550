import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A request as it came.
struct StubRequest: Sendable {
    var method: String
    var target: String
    var headers: [(String, String)]
    var body: [UInt8]

    subscript(name: String) -> String? { headers.first { $0.0.lowercased() == name.lowercased() }?.1 }
}

/// What is sent back.
struct StubResponse: Sendable {
    var status = 200
    var headers: [(String, String)] = []
    var body: [UInt8] = []
    /// Whether only the end of the connection says that the body is whole, as HTTP/1.0 has it.
    var endsWithConnection = false

    /// The advertisement of a git server.
    static func advertisement(_ body: [UInt8]) -> StubResponse {
        StubResponse(headers: [("Content-Type", "application/x-git-upload-pack-advertisement")], body: body)
    }
}

/// An HTTP server on a free port of the loopback.
final class HTTPStub: Sendable {
    typealias Responder = @Sendable (StubRequest) async throws -> StubResponse

    private let log = Mutex<[StubRequest]>([])
    private let boundPort = Mutex(0)

    var port: Int { boundPort.withLock { $0 } }
    var url: String { "http://127.0.0.1:\(port)" }
    /// What was asked so far.
    var requests: [StubRequest] { log.withLock { $0 } }

    /// Runs `body` beside a server that answers as `responder` says.
    static func run<Output>(
        _ responder: @escaping Responder, isolation: isolated (any Actor)? = #isolation,
        _ body: (HTTPStub) async throws -> Output
    ) async throws -> Output {
        let stub = HTTPStub()
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withPipeliningAssistance: false)
                    try channel.pipeline.syncOperations.addHandler(
                        StubConnection { request in
                            stub.log.withLock { $0.append(request) }
                            return try await responder(request)
                        })
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        stub.boundPort.withLock { $0 = channel.localAddress?.port ?? 0 }
        do {
            let output = try await body(stub)
            try await channel.close()
            return output
        } catch {
            try? await channel.close()
            throw error
        }
    }
}

/// One connection: requests are read whole and answered one after the other.
private final class StubConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let responder: HTTPStub.Responder
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []

    init(_ responder: @escaping HTTPStub.Responder) {
        self.responder = responder
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
        case .body(let piece):
            body += piece.readableBytesView
        case .end:
            guard let head else { return }
            let request = StubRequest(
                method: head.method.rawValue, target: head.uri, headers: head.headers.map { ($0.name, $0.value) },
                body: body)
            let channel = context.channel
            let responder = responder
            Task {
                // A responder that fails closes the connection.
                guard let response = try? await responder(request) else {
                    try? await channel.close()
                    return
                }
                var headers = HTTPHeaders(response.headers)
                if !response.endsWithConnection {
                    headers.replaceOrAdd(name: "Content-Length", value: String(response.body.count))
                }
                let head = HTTPResponseHead(
                    version: response.endsWithConnection ? .http1_0 : .http1_1,
                    status: HTTPResponseStatus(statusCode: response.status), headers: headers)
                channel.write(HTTPServerResponsePart.head(head), promise: nil)
                channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: response.body))), promise: nil)
                try? await channel.writeAndFlush(HTTPServerResponsePart.end(nil))
                if response.endsWithConnection { try? await channel.close() }
            }
        }
    }
}
