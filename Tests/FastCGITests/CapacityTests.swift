import Foundation
import HTTPTypes
import Testing

@testable import FastCGI

extension LiveServer {
    @Suite struct Capacity {
        @Test func aThousandWaitingExchangesDelayNobody() async throws {
            let gate = Gate(expecting: 1_000)
            try await withServer(responder: gate.respond) { path in
                let waiting = try await onThread {
                    try (0..<1_000).map { _ in
                        let peer = try Peer(path: path)
                        peer.send(.request("GET", "/wait"))
                        return peer
                    }
                }
                await gate.untilFull()
                let other = try await onThread { try Peer.exchange(.request("GET", "/healthz"), path: path) }
                #expect(other.body == "/healthz")
                gate.release()
                let bodies = try await onThread { try waiting.map { try $0.reply().body } }
                #expect(bodies == [String](repeating: "/wait", count: 1_000))
            }
        }

        @Test func saysThatItIsOverloaded() async throws {
            var limits = FastCGILimits()
            limits.maximumInFlight = 3
            let gate = Gate(expecting: 3)
            try await withServer(limits: limits, responder: gate.respond) { path in
                let waiting = try await onThread {
                    try (0..<3).map { _ in
                        let peer = try Peer(path: path)
                        peer.send(.request("GET", "/wait"))
                        return peer
                    }
                }
                await gate.untilFull()
                let fourth = try await onThread { try Peer.exchange(.request(), path: path).body }
                #expect(fourth == "overloaded")
                gate.release()
                let bodies = try await onThread { try waiting.map { try $0.reply().body } }
                #expect(bodies == ["/wait", "/wait", "/wait"])
                let after = try await onThread { try Peer.exchange(.request(), path: path).body }
                #expect(after == "/healthz")
            }
        }

        @Test func closesConnectionsBeyondTheMost() async throws {
            var limits = FastCGILimits()
            limits.maximumConnections = 5
            try await withServer(limits: limits, responder: Journal().echo) { path in
                let (rest, status) = try await onThread {
                    // Accepted in turn: all five are there when the next one comes.
                    let peers = try (0..<5).map { _ in try Peer(path: path) }
                    let rest = try Peer.send(.request(), path: path)
                    peers[0].send(.request())
                    return (rest, try peers[0].reply().status)
                }
                #expect(rest.isEmpty)
                #expect(status == "Status: 200 OK")
            }
        }

        @Test func keepsNoDescriptor() async throws {
            try await withServer(responder: Journal().echo) { path in
                let counts = try await onThread {
                    try (0..<3).map { _ in
                        for index in 0..<500 {
                            _ = try Peer.exchange(.request("POST", "/", body: [1], keep: index % 2 == 0), path: path)
                        }
                        // The listener, and at most the last connection.
                        return serverSockets(path: path, settledAt: 2)
                    }
                }
                #expect(counts.allSatisfy { $0 <= 2 })
            }
        }
    }
}
