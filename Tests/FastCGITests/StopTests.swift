import Foundation
import HTTPTypes
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import FastCGI

extension LiveServer {
    @Suite struct Stops {
        @Test func answerWhatIsBegunAndTakeNothingNew() async throws {
            try await withTemporaryDirectory { directory in
                let path = directory + "/socket"
                let gate = Gate()
                let server = FastCGIServer(
                    listener: try .unix(path: path), logger: silentLogger, responder: gate.respond)
                let group = ServiceGroup(services: [server], logger: silentLogger)
                async let end: Void = group.run()
                _ = try await server.localAddress
                async let held = onThread {
                    let peer = try Peer(path: path)
                    peer.send(.request("GET", "/wait"))
                    return (try peer.reply(), try peer.untilClosed())
                }
                await gate.untilFull()
                let silent = try Peer(path: path)
                await group.triggerGracefulShutdown()
                // The one that has sent nothing is closed, and nobody listens any more.
                let rest = try await onThread { try silent.untilClosed() }
                #expect(rest.isEmpty)
                #expect(throws: Peer.Failure.self) { try Peer(path: path) }
                #expect(!FileManager.default.fileExists(atPath: path))
                gate.release()
                let (reply, behind) = try await held
                #expect(reply.body == "/wait")
                #expect(behind.isEmpty)
                try await end
                #expect(serverSockets(path: path) == 0)
            }
        }

        @Test func doNotWaitLongForASilentPeer() async throws {
            var limits = FastCGILimits()
            limits.readTimeout = .seconds(600)
            limits.stopGrace = .milliseconds(50)
            // The server stops when this returns, with the peer still there: the time limit is the judge.
            let peer = try await withServer(limits: limits, responder: Journal().echo) { path in
                try await onThread { try Peer(path: path) }
            }
            #expect(try peer.untilClosed().isEmpty)
        }

        @Test func cutOffEverybodyWhenCancelled() async throws {
            try await withTemporaryDirectory { directory in
                let path = directory + "/socket"
                let started = Promise<Bool>()
                let server = FastCGIServer(listener: try .unix(path: path), logger: silentLogger) { _ in
                    started.keep(true)
                    // As good as for ever: only the cancellation ends it.
                    try? await Task.sleep(for: .seconds(3_600))
                    return FastCGIResponse(head: HTTPResponse(status: .ok))
                }
                let run = Task { try await server.run() }
                _ = try await server.localAddress
                async let rest = onThread {
                    let peer = try Peer(path: path)
                    peer.send(.request())
                    return try peer.untilClosed()
                }
                _ = await started.value
                run.cancel()
                try await run.value
                #expect(try await rest.isEmpty)
                #expect(serverSockets(path: path) == 0)
                #expect(!FileManager.default.fileExists(atPath: path))
            }
        }

        @Test func waitForARespondersEndWhenCancelled() async throws {
            try await withTemporaryDirectory { directory in
                let path = directory + "/socket"
                let gate = Gate()
                let ended = Atomic(false)
                let server = FastCGIServer(listener: try .unix(path: path), logger: silentLogger) { request in
                    // It takes no notice of its cancellation.
                    let response = await gate.respond(request)
                    ended.store(true, ordering: .releasing)
                    return response
                }
                let run = Task {
                    try await server.run()
                    return ended.load(ordering: .acquiring)
                }
                _ = try await server.localAddress
                async let rest = onThread {
                    let peer = try Peer(path: path)
                    peer.send(.request("GET", "/wait"))
                    return try peer.untilClosed()
                }
                await gate.untilFull()
                run.cancel()
                #expect(try await rest.isEmpty)
                // Time enough for a server that does not wait.
                for _ in 0..<1_000 { await Task.yield() }
                gate.release()
                #expect(try await run.value)
            }
        }

        /// A hundred stops at random moments under load: each ends, and whoever was taken is answered in full or not at all.
        @Test func endWheneverTheyCome() async throws {
            let seed = SeededRandom.anySeed()
            print("random stops: seed \(seed)")
            var random = SeededRandom(seed: seed)
            for round in 0..<100 {
                let delay = Int.random(in: 0...15_000, using: &random)
                let cancels = Int.random(in: 0..<4, using: &random) == 0
                let outcomes = try await stopUnderLoad(after: .microseconds(delay), cancels: cancels)
                #expect(outcomes.broken == 0 || cancels, "seed \(seed), round \(round)")
            }
        }

        private func stopUnderLoad(after delay: Duration, cancels: Bool) async throws -> (answered: Int, broken: Int) {
            try await withTemporaryDirectory { directory in
                let path = directory + "/socket"
                let server = FastCGIServer(
                    listener: try .unix(path: path), logger: silentLogger, responder: Journal().echo)
                let group = ServiceGroup(services: [server], logger: silentLogger)
                let run = Task { try await group.run() }
                _ = try await server.localAddress
                async let clients = withThrowingTaskGroup(of: (Int, Int).self) { tasks in
                    for _ in 0..<4 { tasks.addTask { try await onThread { Self.hammer(path) } } }
                    return try await tasks.reduce(into: (0, 0)) { $0 = ($0.0 + $1.0, $0.1 + $1.1) }
                }
                // Not to wait for something, but to come at any moment.
                try await Task.sleep(for: delay)
                if cancels { run.cancel() } else { await group.triggerGracefulShutdown() }
                try? await run.value
                #expect(serverSockets(path: path) == 0)
                return try await clients
            }
        }

        /// One request after another until nobody listens; how many were answered, and how many were accepted and not
        /// answered whole.
        private static func hammer(_ path: String) -> (Int, Int) {
            var answered = 0
            var broken = 0
            while let peer = try? Peer(path: path) {
                if peer.send(.request()), (try? peer.reply()) != nil { answered += 1 } else { broken += 1 }
            }
            return (answered, broken)
        }
    }
}
