import FastCGI
import Foundation
import HTTPTypes
import Testing

extension LiveServer {
    /// Peers that hold on to what they have: others do not notice, and it ends.
    @Suite struct SlowPeers {
        private var limits: FastCGILimits {
            var limits = FastCGILimits()
            limits.readTimeout = .milliseconds(300)
            limits.writeTimeout = .milliseconds(300)
            return limits
        }

        @Test func delayNobodyAndAreClosed() async throws {
            let journal = Journal()
            try await withServer(limits: limits, responder: journal.echo) { path in
                let (rests, replies) = try await onThread {
                    let request = [UInt8].request()
                    let slow = try (0..<100).map { index in
                        let peer = try Peer(path: path)
                        // Silent ones, ones that stop within the first header, ones that stop within the parameters.
                        peer.send(Array(request.prefix([0, 1, 7, 16, 30][index % 5])))
                        return peer
                    }
                    let replies = try (0..<20).map { _ in try Peer.exchange(request, path: path).status }
                    return (try slow.map { try $0.untilClosed() }, replies)
                }
                #expect(replies == [String](repeating: "Status: 200 OK", count: 20))
                #expect(rests.allSatisfy { $0.isEmpty })
            }
            #expect(journal.count == 20)
        }

        @Test func areToldWhenOnlyTheirBodyIsMissing() async throws {
            let journal = Journal()
            try await withServer(limits: limits, responder: journal.echo) { path in
                let (reply, rest) = try await onThread {
                    let peer = try Peer(path: path)
                    let request = [UInt8].request("POST", "/", body: [65, 66, 67])
                    peer.send(Array(request.dropLast(8)))
                    return (try peer.reply(), try peer.untilClosed())
                }
                #expect(reply.body == "timedOut")
                #expect(rest.isEmpty)
            }
            #expect(journal.requests.map(\.body) == [.failure(.timedOut)])
        }

        @Test func areClosedWhenTheyDripOneByteAtATime() async throws {
            let journal = Journal()
            try await withServer(limits: limits, responder: journal.echo) { path in
                try await onThread {
                    let peer = try Peer(path: path)
                    // More bytes than the server has patience for; it ends when the server closes.
                    for byte in [UInt8].request("GET", "/", extra: [("HTTP_X", String(repeating: "x", count: 5_000))]) {
                        guard peer.send([byte]), !peer.isClosed(withinMilliseconds: 2) else { break }
                    }
                    _ = try peer.untilClosed()
                }
            }
            #expect(journal.count == 0)
        }

        /// Each piece is taken in time, and yet it must end.
        @Test func areClosedWhenTheyTakeTheirAnswerForTooLong() async throws {
            let large = [UInt8](repeating: 65, count: 8_000_000)
            let book = LogBook()
            var limits = limits
            limits.writeTimeout = .seconds(20)
            limits.totalWriteTimeout = .milliseconds(300)
            try await withServer(
                limits: limits, logger: book.logger,
                responder: { _ in FastCGIResponse(head: HTTPResponse(status: .ok), body: large) }
            ) { path in
                let taken = try await onThread {
                    let peer = try Peer(path: path)
                    peer.send(.request("GET", "/large"))
                    var taken = 0
                    while let count = try peer.take() {
                        taken += count
                        usleep(20_000)  // The slow peer itself: each piece in time, all of them too late.
                    }
                    return taken
                }
                #expect(taken < large.count)
                #expect(book.messages.contains("connection closed: the peer did not take its response in time"))
            }
        }

        @Test func areClosedWhenTheyDoNotTakeTheirAnswer() async throws {
            let large = [UInt8](repeating: 65, count: 8_000_000)
            let book = LogBook()
            try await withServer(
                limits: limits, logger: book.logger,
                responder: { request in
                    FastCGIResponse(head: HTTPResponse(status: .ok), body: request.head.path == "/large" ? large : [])
                }
            ) { path in
                let (rest, status) = try await onThread {
                    let peer = try Peer(path: path)
                    peer.send(.request("GET", "/large"))
                    // Others are served until the server has given up on this one.
                    var status = ""
                    repeat {
                        status = try Peer.exchange(.request(), path: path).status
                    } while !book.messages.contains("connection closed: the peer did not take its response in time")
                    return (try peer.untilClosed(), status)
                }
                #expect(status == "Status: 200 OK")
                #expect(rest.count < large.count)
            }
        }
    }
}
