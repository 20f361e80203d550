import NIOCore

/// Notices above TLS that the client has said goodbye, which leaves the connection half open.
///
/// While an answer is written that is nothing special; while one is held back, nobody waits for it any more.
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

    /// From now on the connection ends with the client's part of it.
    func closeOnDeparture() {
        closesOnDeparture = true
        if hasLeft { context?.close(promise: nil) }
    }
}
