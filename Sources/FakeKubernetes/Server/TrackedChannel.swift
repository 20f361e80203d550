import HummingbirdCore
import Logging
import NIOCore

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
