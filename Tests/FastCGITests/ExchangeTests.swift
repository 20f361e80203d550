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
    }
}
