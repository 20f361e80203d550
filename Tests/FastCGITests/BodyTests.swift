import FastCGI
import HTTPTypes
import Testing

extension LiveServer {
    @Suite struct Bodies {
        /// What the responder sees of one request after another.
        private func bodies(
            limits: FastCGILimits = FastCGILimits(), _ requests: [[UInt8]]
        ) async throws -> [Result<[UInt8], BodyFault>] {
            let journal = Journal()
            try await withServer(limits: limits, responder: journal.echo) { path in
                try await onThread { for request in requests { _ = try Peer.exchange(request, path: path) } }
            }
            return journal.requests.map(\.body)
        }

        @Test func deliversExactlyWhatWasAnnounced() async throws {
            let large = (0..<262_144).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let seen = try await bodies([.request("PUT", "/", body: large), .request("PUT", "/", body: [0, 255, 0])])
            #expect(seen == [.success(large), .success([0, 255, 0])])
        }

        @Test func saysWhyABodyIsNone() async throws {
            let body = Array("12".utf8)
            let seen = try await bodies([
                .request("POST", "/", body: body, length: "3"), .request("POST", "/", body: body, length: "1"),
                .request("POST", "/", body: body, length: "-1"), .request("POST", "/", body: body, length: ""),
                .request("POST", "/", body: body, length: "00000000000000000002"),
                .request("POST", "/", body: body, length: "20000000000000000000"),
            ])
            #expect(
                seen == [
                    .failure(.incomplete(announced: 3, received: 2)), .failure(.incomplete(announced: 1, received: 2)),
                    .failure(.invalidLength("-1")), .failure(.invalidLength("")), .success(body),
                    .failure(.invalidLength("20000000000000000000")),
                ])
        }

        @Test func neverTakesAPartOfABodyForTheWhole() async throws {
            let body = [UInt8](repeating: UInt8(ascii: "1"), count: 1_000)
            let seen = try await bodies(
                (0..<1_000).map { .request("POST", "/", body: Array(body[..<$0]), length: "1000") })
            #expect(seen == (0..<1_000).map { .failure(.incomplete(announced: 1_000, received: $0)) })
        }

        @Test func readsABodyThatIsTooLargeToItsEnd() async throws {
            let journal = Journal()
            let body = [UInt8](repeating: 65, count: 3_000_000)
            try await withServer(responder: journal.echo) { path in
                let reply = try await onThread { try Peer.exchange(.request("POST", "/", body: body), path: path) }
                #expect(reply.body == "tooLarge(limit: 262144)")
            }
            #expect(journal.requests.map(\.body) == [.failure(.tooLarge(limit: 262_144))])
        }

        @Test func closesABodyWithoutEnd() async throws {
            let journal = Journal()
            try await withServer(responder: journal.echo) { path in
                let rest = try await onThread {
                    let peer = try Peer(path: path)
                    peer.send(.request("POST", "/", body: [UInt8](repeating: 65, count: 6_000_000)))
                    return try peer.untilClosed()
                }
                #expect(rest.isEmpty)
            }
            #expect(journal.count == 0)
        }

        @Test func sendsALargeAnswerWhole() async throws {
            let body = (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            try await withServer(responder: { _ in FastCGIResponse(head: HTTPResponse(status: .ok), body: body) }) {
                path in
                let output = try await onThread { try Peer.exchange(.request(), path: path).output }
                #expect(output == Array("Status: 200 OK\r\n\r\n".utf8) + body)
            }
        }
    }
}
