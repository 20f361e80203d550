import HTTPTypes
import ServiceLifecycle
import Synchronization
import Testing

@testable import FastCGI

extension LiveServer {
    /// Responses that wait for something that may take long.
    @Suite struct Waits {
        private final class Counter: Sendable {
            private let count = Mutex(0)

            func next() -> Int {
                count.withLock { count in
                    count += 1
                    return count
                }
            }
        }

        private static let request = [UInt8].request("GET", "/wait")

        /// Waits until the task is cancelled, and says then how it ended; responds to other requests with their path.
        private static func responder(
            begun: Promise<Bool> = Promise(), expecting expected: Int = 1, cancelled: Promise<Bool> = Promise()
        ) -> @Sendable (FastCGIRequest) async -> FastCGIResponse {
            let count = Counter()
            return { request in
                let head = HTTPResponse(status: .ok)
                guard request.head.path == "/wait" else {
                    let text = request.isOverloaded ? "overloaded" : request.head.path ?? ""
                    return FastCGIResponse(head: head, body: Array(text.utf8))
                }
                request.beginWait()
                if count.next() == expected { begun.keep(true) }
                // As good as for ever: only the cancellation ends it.
                try? await Task.sleep(for: .seconds(3_600))
                cancelled.keep(Task.isCancelled)
                return FastCGIResponse(head: head, body: Array("as it stands".utf8))
            }
        }

        @Test func areNotCountedAsExchangesInFlight() async throws {
            var limits = FastCGILimits()
            limits.maximumInFlight = 1
            let begun = Promise<Bool>()
            try await withServer(limits: limits, responder: Self.responder(begun: begun, expecting: 10)) { path in
                let peers = try await onThread {
                    try (0..<10).map { _ in
                        let peer = try Peer(path: path)
                        peer.send(Self.request)
                        return peer
                    }
                }
                _ = await begun.value
                let bodies = try await onThread {
                    let other = try Peer(path: path)
                    other.send(.request())
                    let body = try other.reply().body
                    // When the server has closed its connection, it does not count any more.
                    _ = try other.untilClosed()
                    for peer in peers { peer.close() }
                    return [body, try Peer.exchange(.request(), path: path).body]
                }
                #expect(bodies == ["/healthz", "/healthz"])
            }
        }

        @Test func areCancelledWhenThePeerIsGone() async throws {
            let (begun, cancelled) = (Promise<Bool>(), Promise<Bool>())
            try await withServer(responder: Self.responder(begun: begun, cancelled: cancelled)) { path in
                let peer = try Peer(path: path)
                peer.send(Self.request)
                _ = await begun.value
                peer.close()
                #expect(await cancelled.value)
                #expect(try await onThread { try Peer.exchange(.request(), path: path).body } == "/healthz")
            }
        }

        @Test func areAnsweredAtAStop() async throws {
            try await withTemporaryDirectory { directory in
                let path = directory + "/socket"
                let server = FastCGIServer(
                    listener: try .unix(path: path), logger: silentLogger, responder: Self.responder())
                let group = ServiceGroup(services: [server], logger: silentLogger)
                async let end: Void = group.run()
                _ = try await server.localAddress
                let peers = try await onThread {
                    try (0..<1_000).map { _ in
                        let peer = try Peer(path: path)
                        peer.send(Self.request)
                        return peer
                    }
                }
                await group.triggerGracefulShutdown()
                let replies = try await onThread { try peers.map { try $0.reply() } }
                #expect(replies.allSatisfy { $0.body == "as it stands" && $0.ends == [1: 0] })
                try await end
                #expect(serverSockets(path: path) == 0)
            }
        }
    }
}
