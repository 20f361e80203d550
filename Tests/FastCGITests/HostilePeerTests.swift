import FastCGI
import Foundation
import HTTPTypes
import TestSupport
import Testing

extension LiveServer {
    /// What any process that can connect may try.
    @Suite struct HostilePeers {
        /// Sends every one of `attacks` on a connection of its own: each is closed without a byte, none reaches the
        /// responder, and the next request is served.
        private func closesAll(_ attacks: [[UInt8]]) async throws {
            let journal = Journal()
            try await withServer(responder: journal.echo) { path in
                let (answers, reply) = try await onThread {
                    (try attacks.map { try Peer.send($0, path: path) }, try Peer.exchange(.request(), path: path))
                }
                #expect(answers.allSatisfy { $0.isEmpty })
                #expect(reply.status == "Status: 200 OK")
            }
            #expect(journal.requests.map(\.head.path) == ["/healthz"])
        }

        @Test func closesOversizeLengths() async throws {
            let lengths: [(UInt32, UInt32)] = [
                (1 << 30, 1 << 30), (0x7FFF_FFFE, 0x7FFF_FFFE), (0x7FFF_FFFF, 0), (0, 0x7FFF_FFFF), (0x7000_0000, 1),
                (0x7FFF_FFFD, 1), (0x7FFF_FFFF, 0x7FFF_FFFF), (1 << 20, 1 << 20), (73_728, 1),
                (0x4000_0000, 0x3FFF_FFFF), (0x7FFF_FFFE, 1), (0x7FFF_FFFE, 2), (1, 0x7FFF_FFFE), (0x7FFF_FFFF, 1),
                (1, 0x7FFF_FFFF), (0x4000_0000, 0x4000_0000), (0x3FFF_FFFF, 0x4000_0001), (0, 1 << 30), (1 << 30, 0),
                (0x7FFF_FFFF, 0x7FFF_FFFE),
            ]
            let attacks = lengths.map { [UInt8].begin() + .record(4, .longLength($0.0) + .longLength($0.1)) }
            #expect(attacks.count == 20)
            try await closesAll(Array(repeatElement(attacks, count: 50).joined()))
        }

        @Test func closesQueriesOfValues() async throws {
            try await closesAll(
                (1...40).flatMap { count in
                    let names = (0..<count).flatMap { _ in [UInt8].pair("FCGI_MAX_CONNS", "") }
                    return [
                        [UInt8].record(9, id: 0, names, padding: UInt8(count)), .begin() + .record(9, id: 0, names),
                    ]
                })
        }

        @Test func closesManagementRecordsBeforeTheyCanBecomeParameters() async throws {
            let forged = [UInt8].record(77, id: 0, .pair("SSL_CLIENT_S_DN", "CN=admin"))
            try await closesAll([
                .begin() + forged + .parameters(.pair("REQUEST_METHOD", "GET") + .pair("REQUEST_URI", "/"))
                    + .input([]),
                forged + .request(),
                .begin() + .record(4, .pair("REQUEST_METHOD", "GET")) + forged + .record(4) + .record(5),
                .begin() + .parameters(.pair("REQUEST_METHOD", "GET")) + forged + .record(5),
            ])
        }

        @Test func closesAnEmptyRecordOfAnotherRequest() async throws {
            try await closesAll([
                .begin() + .record(4, id: 2) + .parameters(.pair("REQUEST_METHOD", "GET")) + .input([]),
                .begin() + .record(5, id: 2) + .parameters(.pair("REQUEST_METHOD", "GET")) + .input([]),
            ])
        }

        @Test func deliversNothingOfARequestThatIsCutAnywhere() async throws {
            let request = [UInt8].request(
                "POST", "/v1", body: Array("{\"a\": 12}".utf8),
                extra: [("HTTP_X", String(repeating: "x", count: 1_900))])
            #expect(request.count >= 2_000)
            try await closesAll((0..<request.count).map { Array(request[..<$0]) })
        }

        @Test func dropsAnAbortedRequest() async throws {
            let pairs = [UInt8].pair("REQUEST_METHOD", "POST") + .pair("CONTENT_LENGTH", "5")
            let attacks: [[UInt8]] = [
                .begin() + .abort(),
                .begin() + .record(4, pairs) + .abort(),
                .begin() + .parameters(pairs) + .abort(),
                .begin() + .parameters(pairs) + .record(5, [1, 2, 3]) + .abort(),
            ]
            try await closesAll(Array(repeatElement(attacks, count: 100).joined()))
        }

        @Test func closesOddParameters() async throws {
            let good = [UInt8].pair("REQUEST_METHOD", "GET") + .pair("REQUEST_URI", "/")
            let odd: [[UInt8]] = [
                .pair("B=C", "D"), .pair("A", "x\0y"), .pair("A\0", "x"), .pair("", "x"),
                .pair("REQUEST_METHOD", "PUT"),
                .pair("REQUEST_URI", "/x"), .pair("SSL_CLIENT_S_DN", "CN=a") + .pair("SSL_CLIENT_S_DN", "CN=b"),
                Array((0...256).flatMap { [UInt8].pair("P\($0)", "") }),
                .pair("P", String(repeating: "v", count: 80_000)),
                [5, 5, 1],
            ]
            try await closesAll(odd.map { .begin() + .parameters(good + $0) + .input([]) })
        }

        @Test func closesAnEnvironmentThatIsNoRequest() async throws {
            try await closesAll([
                .begin() + .parameters([]) + .input([]),
                .begin() + .parameters(.pair("REQUEST_METHOD", "GET")) + .input([]),
                .request("GE T"), .request("GET", "/a b"),
            ])
        }

        @Test func closesAnotherRoleWithoutAWord() async throws {
            try await closesAll([.begin(role: 2), .begin(role: 3), .begin(role: 0)])
        }

        @Test func refusesASecondRequestAtATime() async throws {
            let journal = Journal()
            try await withServer(responder: journal.echo) { path in
                let request = [UInt8].request("POST", "/", body: [65, 66])
                let reply = try await onThread {
                    try Peer.exchange(Array(request.prefix(16)) + .begin(id: 2) + request.dropFirst(16), path: path)
                }
                #expect(reply.ends == [2: 1, 1: 0])
                #expect(reply.body == "AB")
            }
            #expect(journal.count == 1)
        }

        @Test func readsNothingFromAnotherUser() async throws {
            let journal = Journal()
            try await withServer(allowedUserIDs: [getuid() &+ 1], responder: journal.echo) { path in
                let answers = try await onThread { try (0..<50).map { _ in try Peer.send(.request(), path: path) } }
                #expect(answers.allSatisfy { $0.isEmpty })
            }
            #expect(journal.count == 0)
        }

        /// Random records, thousands of connections: the process lives, nothing is kept open, the next request is served.
        @Test func outlivesRandomRecords() async throws {
            let seed = SeededRandom.anySeed()
            print("random records for the server: seed \(seed)")
            let journal = Journal()
            try await withServer(responder: journal.echo) { path in
                try await onThread {
                    var random = SeededRandom(seed: seed)
                    for _ in 0..<10_000 { _ = try Peer.send(.randomRecords(using: &random), path: path) }
                }
                let reply = try await onThread { try Peer.exchange(.request(), path: path) }
                #expect(reply.status == "Status: 200 OK", "seed \(seed)")
                #expect(serverSockets(path: path) <= 2, "seed \(seed)")
            }
            #expect(
                journal.requests.allSatisfy { $0.parameters["FCGI_MAX_CONNS"] == nil || $0.head.path == "/" },
                "seed \(seed)")
        }

        @Test func survivesPeersThatDoNotWaitForTheirAnswer() async throws {
            let large = [UInt8](repeating: 65, count: 1_000_000)
            try await withServer(responder: { request in
                FastCGIResponse(head: .init(status: .ok), body: request.head.path == "/" ? [] : large)
            }) { path in
                let reply = try await onThread {
                    for _ in 0..<1_000 { try Peer(path: path).send(.request("GET", "/large")) }
                    return try Peer.exchange(.request("GET", "/"), path: path)
                }
                #expect(reply.status == "Status: 200 OK")
                // The listener, and the connection whose answer was just read.
                #expect(try await onThread { serverSockets(path: path, settledAt: 2) } <= 2)
            }
        }
    }
}
