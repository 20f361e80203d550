import Foundation
import JSON
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization
import Testing

/// A request as it came.
struct ReceivedRequest: Sendable {
    var method: String
    var target: String
    var headers: [String: String]
    var body: [UInt8]
    /// Which connection it came over, counted from 0.
    var connection: Int

    var json: JSONValue? { try? JSONValue(parsing: body, limits: .trusted) }
}

/// What the server does with one request.
enum ScriptedStep: Sendable {
    case response(status: Int, headers: [String: String] = [:], body: [UInt8])
    /// Closes the connection without a word, as one does that was idle for too long.
    case close
    /// Half a response, then the connection is closed.
    case closeMidBody
    /// These bytes as they are, then the connection is closed.
    case raw([UInt8])
    /// No response, ever.
    case hang
    /// A chunked response of these pieces, each sent by itself, and how it ends.
    case pieces([[UInt8]], then: Ending)
    /// An endless chunked response, as fast as the client reads it.
    case flood
    /// An endless response, a byte now and then.
    case drip
    /// A response of that many bytes, whose length is said before or not.
    case large(bytes: Int, announced: Bool)
    /// Runs when the request is there, before it is answered.
    indirect case after(@Sendable (ReceivedRequest) throws -> Void, ScriptedStep)

    /// How a response of pieces ends.
    enum Ending: Sendable {
        /// With a last chunk.
        case end
        /// The connection is closed without one.
        case cut
        /// Not at all: the connection stays open and silent.
        case silence
    }

    static func json(_ status: Int, _ json: JSONValue, headers: [String: String] = [:]) -> ScriptedStep {
        .response(
            status: status, headers: ["content-type": "application/json"].merging(headers) { $1 },
            body: json.serialized())
    }

    static func status(_ code: Int, _ reason: String?, _ message: String, headers: [String: String] = [:])
        -> ScriptedStep
    {
        var json: JSONObject = [
            "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Failure", "message": .string(message),
            "code": .number(JSONNumber(code)),
        ]
        json["reason"] = reason.map(JSONValue.string)
        return .json(code, .object(json), headers: headers)
    }
}

/// An HTTPS server on a free port of the loopback that follows a script: a request more than the script knows fails
/// the test, and so does one that never comes.
final class ScriptedServer: Sendable {
    private struct State {
        var steps: [ScriptedStep]
        var requests: [ReceivedRequest] = []
        var extra: [String] = []
        var connections = 0
        var bytes = 0
        var written = 0
        var open = 0
    }

    private let state: Mutex<State>
    private let responder: (@Sendable (ReceivedRequest) -> ScriptedStep)?
    private let port = Mutex(0)

    /// What came so far, in order.
    var requests: [ReceivedRequest] { state.withLock { $0.requests } }
    /// How many connections got through TLS.
    var connections: Int { state.withLock { $0.connections } }
    /// How many bytes of floods are out.
    var bytesWritten: Int { state.withLock { $0.written } }
    /// How many connections are open now.
    var openConnections: Int { state.withLock { $0.open } }
    /// How many bytes came out of TLS.
    var bytesReceived: Int { state.withLock { $0.bytes } }
    var url: String { "https://127.0.0.1:\(port.withLock { $0 })" }

    private init(_ steps: [ScriptedStep], _ responder: (@Sendable (ReceivedRequest) -> ScriptedStep)?) {
        state = Mutex(State(steps: steps))
        self.responder = responder
    }

    /// Runs `body` beside a server that answers whatever comes as `responder` says.
    static func run<Result>(
        answering responder: @escaping @Sendable (ReceivedRequest) -> ScriptedStep,
        isolation: isolated (any Actor)? = #isolation, _ body: (ScriptedServer) async throws -> Result
    ) async throws -> Result {
        try await run([], responder: responder, body)
    }

    /// Runs `body` beside a server that follows `steps`, and checks that all of them were used.
    static func run<Result>(
        _ steps: [ScriptedStep], identity: TestAuthority.Identity? = nil,
        responder: (@Sendable (ReceivedRequest) -> ScriptedStep)? = nil,
        isolation: isolated (any Actor)? = #isolation, _ body: (ScriptedServer) async throws -> Result
    ) async throws -> Result {
        let server = ScriptedServer(steps, responder)
        let identity = try identity ?? TestAuthority.trusted.get().server
        let context = try identity.serverContext()
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(NIOSSLServerHandler(context: context))
                    try pipeline.addHandler(ByteCounter { count in server.state.withLock { $0.bytes += count } })
                    try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: false)
                    try pipeline.addHandler(ScriptedConnection(server: server))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        server.port.withLock { $0 = channel.localAddress?.port ?? 0 }
        do {
            let result = try await body(server)
            try await channel.close()
            server.state.withLock { state in
                #expect(state.steps.isEmpty, "the script goes on: requests are missing")
                #expect(state.extra == [], "requests that the script does not know")
            }
            return result
        } catch {
            try? await channel.close()
            throw error
        }
    }

    fileprivate func wrote(_ bytes: Int) { state.withLock { $0.written += bytes } }

    fileprivate func connectionClosed() { state.withLock { $0.open -= 1 } }

    fileprivate func connectionOpened() -> Int {
        state.withLock { state in
            state.open += 1
            defer { state.connections += 1 }
            return state.connections
        }
    }

    fileprivate func next(_ request: ReceivedRequest) -> ScriptedStep {
        if let responder {
            state.withLock { $0.requests.append(request) }
            return responder(request)
        }
        return state.withLock { state in
            state.requests.append(request)
            guard !state.steps.isEmpty else {
                state.extra.append(request.method + " " + request.target)
                return .response(status: 501, body: [])
            }
            return state.steps.removeFirst()
        }
    }
}

/// Counts what TLS lets through.
private final class ByteCounter: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    private let count: (Int) -> Void

    init(_ count: @escaping (Int) -> Void) { self.count = count }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        count(unwrapInboundIn(data).readableBytes)
        context.fireChannelRead(data)
    }
}

/// One connection: collects a request, then does what the script says.
private final class ScriptedConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let server: ScriptedServer
    private var number: Int?
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []

    init(server: ScriptedServer) { self.server = server }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
        case .body(let part):
            body += Array(part.readableBytesView)
        case .end:
            guard let head else { return }
            let connection = number ?? server.connectionOpened()
            number = connection
            var headers: [String: String] = [:]
            for (name, value) in head.headers { headers[name.lowercased()] = value }
            let request = ReceivedRequest(
                method: head.method.rawValue, target: head.uri, headers: headers, body: body, connection: connection)
            perform(server.next(request), for: request, context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if number != nil { server.connectionClosed() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Clients that do not trust the server, or lose patience, are part of the tests.
        context.close(promise: nil)
    }

    private func perform(_ step: ScriptedStep, for request: ReceivedRequest, _ context: ChannelHandlerContext) {
        switch step {
        case .response(let status, let headers, let body):
            send(context, status, headers.merging(["content-length": String(body.count)]) { $1 }, body, isEnd: true)
        case .close:
            context.close(promise: nil)
        case .closeMidBody:
            send(context, 200, ["content-length": "100"], Array("{\"kind\":".utf8), isEnd: false)
            context.close(promise: nil)
        case .raw(let bytes):
            // Behind the encoder, which would make a whole response of it.
            let encoder = try? context.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self)
            encoder?.writeAndFlush(NIOAny(ByteBuffer(bytes: bytes)), promise: nil)
            context.close(promise: nil)
        case .hang:
            break
        case .pieces(let pieces, let ending):
            send(context, 200, ["transfer-encoding": "chunked"], [], isEnd: false)
            for piece in pieces {
                context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: piece)))), promise: nil)
            }
            switch ending {
            case .end: context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            case .cut: context.close(promise: nil)
            case .silence: break
            }
        case .flood:
            send(context, 200, ["transfer-encoding": "chunked"], [], isEnd: false)
            Self.flood(context.channel, server)
        case .drip:
            send(context, 200, ["transfer-encoding": "chunked"], [], isEnd: false)
            let channel = context.channel
            let task = context.eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(5)) { _ in
                channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: " "))), promise: nil)
            }
            channel.closeFuture.whenComplete { _ in task.cancel() }
        case .large(let bytes, let announced):
            let headers = announced ? ["content-length": String(bytes)] : ["transfer-encoding": "chunked"]
            send(context, 200, headers, [], isEnd: false)
            let chunk = ByteBuffer(repeating: UInt8(ascii: " "), count: 1 << 20)
            for _ in 0..<(bytes >> 20) { context.write(wrapOutboundOut(.body(.byteBuffer(chunk))), promise: nil) }
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        case .after(let action, let step):
            do {
                try action(request)
            } catch {
                Issue.record(error)
            }
            perform(step, for: request, context)
        }
    }

    /// Writes the next piece when the one before it is out.
    private static func flood(_ channel: any Channel, _ server: ScriptedServer) {
        let piece = ByteBuffer(repeating: UInt8(ascii: "x"), count: 65_536)
        channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(piece))).whenSuccess {
            server.wrote(65_536)
            flood(channel, server)
        }
    }

    private func send(
        _ context: ChannelHandlerContext, _ status: Int, _ headers: [String: String], _ body: [UInt8], isEnd: Bool
    ) {
        let head = HTTPResponseHead(
            version: .http1_1, status: .init(statusCode: status),
            headers: HTTPHeaders(headers.map { ($0.key, $0.value) }))
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
        if isEnd { context.write(wrapOutboundOut(.end(nil)), promise: nil) }
        context.flush()
    }
}
