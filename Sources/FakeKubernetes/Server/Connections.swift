import NIOCore
import Synchronization

/// The connections that are open.
final class Connections: Sendable {
    private let channels = Mutex<[ObjectIdentifier: any Channel]>([:])

    func add(_ channel: any Channel) {
        let id = ObjectIdentifier(channel)
        channels.withLock { $0[id] = channel }
        // It keeps this alive until the channel closes, which every channel does; nothing here is weak, because the leak
        // sanitizer does not find Swift's note of a weak reference, and takes it for lost.
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

    /// Ends a connection as soon as its client has gone, even if it went politely.
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
