import NIOCore

/// Sits next to the socket, below TLS, so that a connection can be cut as a crash would cut it: without a farewell.
final class ConnectionHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer

    private var context: ChannelHandlerContext?

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    /// Closes the socket; nothing above hears of it before.
    func cut() { context?.close(mode: .all, promise: nil) }
}
