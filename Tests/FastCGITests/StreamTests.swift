import Foundation
import HTTPTypes
import ServiceLifecycle
import Synchronization
import Testing

@testable import FastCGI

extension LiveServer {
    /// Responses whose bodies are written piece by piece.
    @Suite struct Streams {
        /// Runs a server that streams in response to `/stream`, and to all other requests responds with their path.
        private func withStream<Value: Sendable>(
            limits: FastCGILimits = FastCGILimits(), _ stream: @escaping FastCGIResponse.Stream,
            _ body: (_ path: String) async throws -> Value
        ) async throws -> Value {
            try await withServer(limits: limits, responder: Self.responder(stream), body)
        }

        private static func responder(
            _ stream: @escaping FastCGIResponse.Stream
        ) -> @Sendable (FastCGIRequest) async -> FastCGIResponse {
            { request in
                var head = HTTPResponse(status: .ok)
                if request.head.path == "/stream" {
                    // nginx passes on each piece at once.
                    if let name = HTTPField.Name("X-Accel-Buffering") { head.headerFields[name] = "no" }
                    return FastCGIResponse(head: head, stream: stream)
                }
                let text = request.isOverloaded ? "overloaded" : request.head.path ?? ""
                return FastCGIResponse(head: head, body: Array(text.utf8))
            }
        }

        private static let request = [UInt8].request("GET", "/stream")
        private static let head = "Status: 200 OK\r\nX-Accel-Buffering: no\r\n\r\n"

        @Test func sendEachPieceWhenItIsWritten() async throws {
            let isFirstRead = Promise<Bool>()
            try await withStream { writer in
                try await writer.write(Array("one".utf8))
                _ = await isFirstRead.value
                try await writer.write(Array("two".utf8))
            } _: { path in
                let (first, whole, rest) = try await onThread {
                    let peer = try Peer(path: path)
                    peer.send(Self.request)
                    let first = try peer.output(endingWith: "one")
                    isFirstRead.keep(true)
                    return (first, try peer.reply(), try peer.untilClosed())
                }
                #expect(first == Self.head + "one")
                #expect(whole.text == Self.head + "onetwo")
                #expect(whole.ends == [1: 0])
                #expect(rest.isEmpty)
            }
        }

        @Test func sendTheHeadBeforeAnythingIsWritten() async throws {
            let isHeadRead = Promise<Bool>()
            try await withStream { _ in
                _ = await isHeadRead.value
            } _: { path in
                let reply = try await onThread {
                    let peer = try Peer(path: path)
                    peer.send(Self.request)
                    _ = try peer.output(endingWith: "\r\n\r\n")
                    isHeadRead.keep(true)
                    return try peer.reply()
                }
                #expect(reply.text == Self.head)
                #expect(reply.ends == [1: 0])
            }
        }

        @Test func giveTheSameBytesHoweverTheyAreCut() async throws {
            let body = (0..<200).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            let cut = Mutex(0)
            try await withStream { writer in
                let cut = cut.withLock { cut in
                    defer { cut += 1 }
                    return cut
                }
                try await writer.write(Array(body[..<cut]))
                try await writer.write([])
                try await writer.write(Array(body[cut...]))
            } _: { path in
                let outputs = try await onThread {
                    try (0...body.count).map { _ in try Peer.exchange(Self.request, path: path).output }
                }
                #expect(outputs.allSatisfy { $0 == Array(Self.head.utf8) + body })
            }
        }

        @Test(arguments: [
            1, 8_183, 8_184, 8_185, FastCGIBodyWriter.longestPiece - 1, FastCGIBodyWriter.longestPiece,
            FastCGIBodyWriter.longestPiece + 1, 65_535, 65_536, 65_537, 1_000_003,
        ])
        func sendWhateverLengthIsWrittenAtOnce(length: Int) async throws {
            let body = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 / 256) }
            try await withStream {
                try await $0.write(body)
            } _: { path in
                let reply = try await onThread { try Peer.exchange(Self.request, path: path) }
                #expect(reply.output == Array(Self.head.utf8) + body)
                #expect(reply.ends == [1: 0])
            }
        }

        @Test func waitForASlowPeer() async throws {
            let piece = [UInt8](repeating: 65, count: 10_000)
            let written = Atomic(0)
            let others = 100
            try await withStream { writer in
                for _ in 0..<1_000 {
                    try await writer.write(piece)
                    written.add(piece.count, ordering: .relaxed)
                }
            } _: { path in
                let (writtenBefore, statuses, reply) = try await onThread {
                    let peer = try Peer(path: path)
                    peer.send(Self.request)
                    let statuses = try (0..<others).map { _ in try Peer.exchange(.request(), path: path).status }
                    return (written.load(ordering: .relaxed), statuses, try peer.reply())
                }
                // What the system's buffers take for a peer that reads nothing.
                #expect(writtenBefore < 1_000_000)
                #expect(statuses == [String](repeating: "Status: 200 OK", count: others))
                #expect(reply.output.count == Self.head.utf8.count + 10_000_000)
                #expect(reply.ends == [1: 0])
            }
        }

        @Test func areCancelledWhenThePeerIsGone() async throws {
            let end = Promise<Bool>()
            try await withStream { writer in
                try await writer.write(Array("one".utf8))
                // As good as for ever: only the cancellation ends it.
                try? await Task.sleep(for: .seconds(3_600))
                end.keep(Task.isCancelled)
            } _: { path in
                try await onThread {
                    let peer = try Peer(path: path)
                    peer.send(Self.request)
                    _ = try peer.output(endingWith: "one")
                    peer.close()
                }
                #expect(await end.value)
            }
        }

        @Test func failWhenThePeerIsGoneThatTheyWaitFor() async throws {
            let end = Promise<FastCGIError.Code?>()
            try await withStream { writer in
                do throws(FastCGIError) {
                    while true { try await writer.write([UInt8](repeating: 65, count: 100_000)) }
                } catch {
                    end.keep(error.code)
                }
            } _: { path in
                try await onThread {
                    let peer = try Peer(path: path)
                    peer.send(Self.request)
                    _ = try peer.take()
                    peer.close()
                }
                #expect(await end.value == .connectionClosed)
            }
        }

        /// What a responder began, such as an entry of a log, can only end in its stream.
        @Test func areCalledThoughThePeerIsGoneBeforeTheyBegin() async throws {
            let gate = Gate()
            let end = Promise<FastCGIError.Code?>()
            try await withServer { request in
                let response = await gate.respond(request)
                guard request.head.path == "/wait" else { return response }
                return FastCGIResponse(head: response.head) { writer in
                    do throws(FastCGIError) {
                        while true { try await writer.write([65]) }
                    } catch {
                        end.keep(error.code)
                    }
                }
            } _: { path in
                let peer = try await onThread {
                    let peer = try Peer(path: path)
                    peer.send(.request("GET", "/wait"))
                    return peer
                }
                await gate.untilFull()
                peer.close()
                gate.release()
                #expect(await end.value == .connectionClosed)
            }
        }

        struct Failure: Error {}

        @Test(arguments: [0, 3, 300_000])
        func endWithARecordThatBreaksOffTheResponseWhenTheyFail(length: Int) async throws {
            try await withStream { writer in
                try await writer.write([UInt8](repeating: 65, count: length))
                throw Failure()
            } _: { path in
                let bytes = try await onThread {
                    let peer = try Peer(path: path)
                    peer.send(Self.request)
                    return try peer.untilClosed()
                }
                var records = Array(bytes.dropLast(8))
                #expect(Array(bytes.suffix(8)) == [0, 0, 0, 0, 0, 0, 0, 0])
                // All that was written, and no end.
                #expect([UInt8].output(in: records).count == Self.head.utf8.count + length)
                #expect(WireReply(taking: &records) == nil)
            }
        }

        @Test func areBrokenOffWhenTheyWriteNothingForTooLong() async throws {
            var limits = FastCGILimits()
            limits.streamIdleTimeout = .milliseconds(200)
            let end = Promise<Bool>()
            try await withStream(limits: limits) { writer in
                try await writer.write(Array("one".utf8))
                try? await Task.sleep(for: .seconds(3_600))
                end.keep(Task.isCancelled)
            } _: { path in
                let bytes = try await onThread { try Peer.send(Self.request, halfClosing: false, path: path) }
                #expect(Array(bytes.suffix(8)) == .brokenOff)
                #expect(await end.value)
            }
        }

        @Test func areClosedWhenThePeerTakesNothingForTooLong() async throws {
            var limits = FastCGILimits()
            limits.streamIdleTimeout = .milliseconds(200)
            let end = Promise<FastCGIError.Code?>()
            try await withStream(limits: limits) { writer in
                do throws(FastCGIError) {
                    while true { try await writer.write([UInt8](repeating: 65, count: 100_000)) }
                } catch {
                    end.keep(error.code)
                }
            } _: { path in
                let peer = try await onThread {
                    let peer = try Peer(path: path)
                    peer.send(Self.request)
                    return peer
                }
                #expect(await end.value == .connectionClosed)
                peer.close()
            }
        }

        @Test func areNotCountedAsExchangesInFlight() async throws {
            var limits = FastCGILimits()
            limits.maximumInFlight = 1
            let isOver = Promise<Bool>()
            try await withStream(limits: limits) { writer in
                try await writer.write(Array("one".utf8))
                _ = await isOver.value
            } _: { path in
                let bodies = try await onThread {
                    let peers = try (0..<10).map { _ in
                        let peer = try Peer(path: path)
                        peer.send(Self.request)
                        _ = try peer.output(endingWith: "one")
                        return peer
                    }
                    let other = try Peer.exchange(.request(), path: path).body
                    isOver.keep(true)
                    return [other] + (try peers.map { try $0.reply().body })
                }
                #expect(bodies == ["/healthz"] + [String](repeating: "one", count: 10))
            }
        }

        @Test func sayTheirLastWordsAtAStop() async throws {
            try await withTemporaryDirectory { directory in
                let path = directory + "/socket"
                let server = FastCGIServer(
                    listener: try .unix(path: path), logger: silentLogger,
                    responder: Self.responder { writer in
                        try await writer.write(Array("one".utf8))
                        try? await Task.sleep(for: .seconds(3_600))
                        try await writer.write(Array("end".utf8))
                    })
                let group = ServiceGroup(services: [server], logger: silentLogger)
                async let end: Void = group.run()
                _ = try await server.localAddress
                let peers = try await onThread {
                    let peers = try (0..<1_000).map { _ in
                        let peer = try Peer(path: path)
                        peer.send(Self.request)
                        return peer
                    }
                    for peer in peers { _ = try peer.output(endingWith: "one") }
                    return peers
                }
                await group.triggerGracefulShutdown()
                let replies = try await onThread { try peers.map { try $0.reply() } }
                #expect(replies.allSatisfy { $0.body == "oneend" && $0.ends == [1: 0] })
                try await end
                #expect(serverSockets(path: path) == 0)
            }
        }

        @Test func areBrokenOffWhenTheServerIsCancelled() async throws {
            try await withTemporaryDirectory { directory in
                let path = directory + "/socket"
                let gate = Promise<Bool>()
                let server = FastCGIServer(
                    listener: try .unix(path: path), logger: silentLogger,
                    responder: Self.responder { writer in
                        try await writer.write(Array("one".utf8))
                        // It takes no notice of its cancellation.
                        _ = await gate.value
                    })
                let run = Task { try await server.run() }
                _ = try await server.localAddress
                let peer = try await onThread {
                    let peer = try Peer(path: path)
                    peer.send(Self.request)
                    _ = try peer.output(endingWith: "one")
                    return peer
                }
                run.cancel()
                let bytes = try await onThread { try peer.untilClosed() }
                #expect(Array(bytes.suffix(8)) == .brokenOff)
                gate.keep(true)
                try await run.value
            }
        }

        /// What becomes of a stream at the client's, behind a real nginx.
        @Test(.enabled(if: NginxInFront.isInstalled), arguments: [(false, Int32(0)), (true, 18)])
        func tellAClientBehindNginxWhetherTheyAreWhole(fails: Bool, exitCode: Int32) async throws {
            let isFirstRead = Promise<Bool>()
            try await withStream { writer in
                try await writer.write(Array("one\n".utf8))
                _ = await isFirstRead.value
                try await writer.write(Array("two\n".utf8))
                if fails { throw Failure() }
            } _: { path in
                let (first, rest, code) = try await onThread {
                    let nginx = try NginxInFront(of: path)
                    defer { nginx.stop() }
                    let client = try nginx.client(path: "/stream")
                    // The first piece comes through while the second is not even written.
                    let first = client.read(upTo: 4)
                    isFirstRead.keep(true)
                    let (rest, code) = client.end()
                    return (first, rest, code)
                }
                #expect(first == "one\n")
                // What comes together with the failure is lost: nginx reads both at once.
                if !fails { #expect(rest == "two\n") }
                #expect(code == exitCode)
            }
        }
    }
}
