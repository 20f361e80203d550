import HummingbirdCore
import Logging
import NIOCore
import Synchronization

/// The connections that are open.
final class Connections: Sendable {
    private let channels = Mutex<[ObjectIdentifier: any Channel]>([:])

    func add(_ channel: any Channel) {
        let id = ObjectIdentifier(channel)
        channels.withLock { $0[id] = channel }
        // The closure keeps this object alive until the channel closes, which every channel does. A weak reference would make
        // the leak sanitizer report Swift's side table as lost.
        channel.closeFuture.whenComplete { _ in
            self.channels.withLock { $0[id] = nil }
        }
    }

    /// Cuts one connection.
    static func cut(_ channel: any Channel) async {
        try? await channel.eventLoop.submit {
            try channel.pipeline.syncOperations.handler(type: ConnectionHandler.self).cut()
        }.get()
        try? await channel.closeFuture.get()
    }

    /// Closes a connection as soon as its client has closed its side.
    static func closeOnDeparture(_ channel: any Channel) async {
        try? await channel.eventLoop.submit {
            try channel.pipeline.syncOperations.handler(type: DepartureHandler.self).closeOnDeparture()
        }.get()
    }

    /// Cuts every connection.
    func cutAll() async {
        for channel in channels.withLock({ Array($0.values) }) { await Self.cut(channel) }
    }
}

/// Sits next to the socket, below TLS, so that a connection can be cut as by a crash: without a close_notify.
final class ConnectionHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer

    private var context: ChannelHandlerContext?

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    /// Closes the socket without notice to the handlers above.
    func cut() { context?.close(mode: .all, promise: nil) }
}

/// Detects above TLS that the client has closed its side, which leaves the connection half open.
///
/// A response that is being written is finished; a response that is held back has no reader any more.
final class DepartureHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private var context: ChannelHandlerContext?
    private var hasLeft = false
    private var closesOnDeparture = false

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent {
            hasLeft = true
            if closesOnDeparture { context.close(promise: nil) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// From now on the connection is closed when the client closes its side.
    func closeOnDeparture() {
        closesOnDeparture = true
        if hasLeft { context?.close(promise: nil) }
    }
}

/// A connection's channel that the server can find again and cut.
struct TrackedChannel<Base: HTTPChannelHandler>: HTTPChannelHandler {
    let base: Base
    let connections: Connections

    var responder: HTTPChannelHandler.Responder { base.responder }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
        let connections = connections
        return channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(ConnectionHandler(), position: .first)
            connections.add(channel)
        }.flatMap {
            base.setup(channel: channel, logger: logger)
        }
    }

    func handle(value: Base.Value, logger: Logger) async { await base.handle(value: value, logger: logger) }
}
