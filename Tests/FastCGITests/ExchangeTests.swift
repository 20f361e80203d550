import FastCGI
import Foundation
import HTTPTypes
import Testing

/// All that runs a server: one after another, because some count the descriptors of the process.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct LiveServer {}

extension LiveServer {
    @Suite struct Exchanges {
        @Test func answersARequest() async throws {
            let journal = Journal()
            try await withServer(responder: journal.echo) { path in
                let (reply, rest) = try await onThread {
                    let peer = try Peer(path: path)
                    peer.send(
                        .request(
                            "POST", "/v1/tool/x%2Fy?q=1", body: Array("hello".utf8),
                            extra: [
                                ("SSL_CLIENT_VERIFY", "SUCCESS"), ("CONTENT_TYPE", "application/json"),
                                ("HTTP_X_ONE", "1"),
                            ]))
                    let reply = try peer.reply()
                    return (reply, try peer.untilClosed())
                }
                #expect(reply.text == "Status: 200 OK\r\n\r\nhello")
                #expect(reply.ends == [1: 0])
                #expect(rest.isEmpty)
            }
            let request = try #require(journal.requests.first)
            #expect(request.head.method == .post)
            #expect(request.head.path == "/v1/tool/x%2Fy?q=1")
            #expect(request.head.headerFields[.contentType] == "application/json")
            #expect(try request.head.headerFields[#require(HTTPField.Name("x-one"))] == "1")
            #expect(request.parameters["SSL_CLIENT_VERIFY"] == "SUCCESS")
            #expect(request.parameters["HTTP_X_ONE"] == nil)
            #expect(!request.isOverloaded)
        }

        /// FCGI_KEEP_CONN allows the connection to stay open.
        ///
        /// It does not oblige to (specification 1.0, section 5.1), and a request that is sent while the server closes an
        /// idle connection would be lost.
        @Test func closesTheConnectionBehindTheResponseThoughThePeerAllowsItToStayOpen() async throws {
            try await withServer(responder: Journal().echo) { path in
                let (reply, rest) = try await onThread {
                    let peer = try Peer(path: path)
                    peer.send(.request("PUT", "/", body: Array("hello".utf8), keep: true))
                    return (try peer.reply(), try peer.untilClosed())
                }
                #expect(reply.text == "Status: 200 OK\r\n\r\nhello")
                #expect(reply.ends == [1: 0])
                #expect(rest.isEmpty)
            }
        }

        @Test func servesTheFirstOfTwoRequestsOnOneConnectionAndClosesIt() async throws {
            let journal = Journal()
            try await withServer(responder: journal.echo) { path in
                let (reply, rest) = try await onThread {
                    let peer = try Peer(path: path)
                    peer.send(.request("PUT", "/", body: [65], keep: true) + .request("PUT", "/", body: [66], id: 2))
                    return (try peer.reply(), try peer.untilClosed())
                }
                #expect(reply.body == "A")
                #expect(rest.isEmpty)
            }
            #expect(journal.requests.map(\.body) == [.success([65])])
        }

        /// A refused body that the peer has sent only partly, or not as announced, must not harm the request behind it.
        @Test func losesNoRequestBehindOneWhoseBodyIsRefused() async throws {
            let journal = Journal()
            try await withServer(responder: journal.echo) { path in
                let bodies = try await onThread {
                    try (0..<1_000).flatMap { number in
                        [
                            try Peer.exchange(.request("POST", "/", body: [65], length: "9", keep: true), path: path),
                            try Peer.exchange(
                                .request("PUT", "/", body: Array("\(number)".utf8), keep: true), path: path),
                        ].map(\.body)
                    }
                }
                #expect(bodies == (0..<1_000).flatMap { ["incomplete(announced: 9, received: 1)", "\($0)"] })
            }
        }
    }
}
