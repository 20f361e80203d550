import Dispatch
import Foundation
import HTTPTypes
import Synchronization
import TestSupport
import Testing

@testable import FastCGI

extension LiveServer {
    /// Which thread serves a request: seen from outside by who is answered while a thread is held.
    @Suite struct Dispatching {
        @Test func whoStartsTheTaskDecidesWhereARequestIsServed() async throws {
            let executor = QueueExecutor()
            try await withServer(startTask: { Task(executorPreference: executor, operation: $0) }) { _ in
                FastCGIResponse(head: HTTPResponse(status: .ok), body: Array("\(QueueExecutor.isCurrent)".utf8))
            } _: { path in
                let reply = try await onThread { try Peer.exchange(.request(), path: path) }
                #expect(reply.body == "true")
            }
        }

        @Test func responsesWithoutAWaitComeWhenAllOfSwiftsThreadsAreTaken() async throws {
            let blocker = Blocker()
            let journal = Journal()
            try await withServer(startTask: { Task.immediate(operation: $0) }, responder: journal.echo) { path in
                let reply = try await onThread {
                    // More than there are threads, and in the queue before anything that the server could add to it.
                    for _ in 0..<1_000 { Task { blocker.hold() } }
                    defer { blocker.release() }
                    return try Peer.exchange(.request("POST", "/", body: Array("small".utf8)), path: path)
                }
                #expect(reply.body == "small")
            }
        }

        @Test func workHoldsUpNobody() async throws {
            let blocker = Blocker()
            try await withServer { request in
                if request.head.path == "/work" { blocker.hold() }
                return FastCGIResponse(head: HTTPResponse(status: .ok), body: Array("done".utf8))
            } _: { path in
                let (other, working) = try await onThread {
                    let peer = try Peer(path: path)
                    peer.send(.request("GET", "/work"))
                    blocker.untilHeld()
                    defer { blocker.release() }
                    let other = try Peer.exchange(.request(), path: path)
                    blocker.release()
                    return (other, try peer.reply())
                }
                #expect(other.body == "done")
                #expect(working.body == "done")
            }
        }

        @Test func workAfterAWaitHoldsUpNobody() async throws {
            let blocker = Blocker()
            let gate = Gate()
            try await withServer(startTask: { Task.immediate(operation: $0) }) { request in
                let response = await gate.respond(request)
                if request.head.path == "/wait" { blocker.hold() }
                return response
            } _: { path in
                let (other, waiting) = try await onThread {
                    let peer = try Peer(path: path)
                    peer.send(.request("GET", "/wait"))
                    // Answered behind the one that came first: so that one waits by now.
                    _ = try Peer.exchange(.request(), path: path)
                    gate.release()
                    blocker.untilHeld()
                    defer { blocker.release() }
                    let other = try Peer.exchange(.request(), path: path)
                    blocker.release()
                    return (other, try peer.reply())
                }
                #expect(other.body == "/healthz")
                #expect(waiting.body == "/wait")
            }
        }

        @Test func aResponseGivenAtOnceIsNotInFlightAnyMore() async throws {
            var limits = FastCGILimits()
            limits.maximumInFlight = 1
            let blocker = Blocker()
            try await withServer(limits: limits, startTask: { Task.immediate(operation: $0) }) { request in
                if request.head.path == "/hold" { blocker.hold() }
                let body = request.isOverloaded ? "overloaded" : "fine"
                return FastCGIResponse(head: HTTPResponse(status: .ok), body: Array(body.utf8))
            } _: { path in
                let bodies = try await onThread {
                    // On connections that were accepted before, the requests come while the reactor is held: one round
                    // finds all of them. Connections are accepted in turn, so those before an answered one are accepted.
                    let peers = try (0..<20).map { _ in try Peer(path: path) }
                    _ = try Peer.exchange(.request(), path: path)
                    let holding = try Peer(path: path)
                    holding.send(.request("GET", "/hold"))
                    blocker.untilHeld()
                    defer { blocker.release() }
                    for peer in peers { peer.send(.request()) }
                    blocker.release()
                    return try ([holding] + peers).map { try $0.reply().body }
                }
                #expect(bodies == [String](repeating: "fine", count: 21))
            }
        }
    }
}

/// Holds threads, as work does that computes for long.
private final class Blocker: Sendable {
    private let held = DispatchSemaphore(value: 0)
    private let isReleased = Mutex(false)
    private let condition = NSCondition()

    /// Keeps the thread that calls it until `release()`.
    func hold() {
        held.signal()
        condition.lock()
        while !isReleased.withLock({ $0 }) { condition.wait() }
        condition.unlock()
    }

    /// Waits until a thread is held.
    func untilHeld() { _ = held.wait(timeout: .now() + .seconds(20)) }

    /// Lets all go, and whoever comes later.
    func release() {
        condition.lock()
        isReleased.withLock { $0 = true }
        condition.broadcast()
        condition.unlock()
    }
}
