import FastCGI
import HTTPTypes
import Testing

extension LiveServer {
    @Suite struct Probes {
        @Test(arguments: [HTTPResponse.Status.ok, .serviceUnavailable])
        func tellsTheStatusOfTheAnswer(status: HTTPResponse.Status) async throws {
            let journal = Journal()
            let told = try await withServer { request in
                journal.note(request)
                return FastCGIResponse(head: HTTPResponse(status: status), body: Array("anything".utf8))
            } _: { path in
                let probe = FastCGIProbe(listener: try .unix(path: path))
                return try await onThread { try probe.status(of: "/readyz") }
            }
            #expect(told == status.code)
            let request = try #require(journal.requests.first)
            #expect(request.head.method == .get)
            #expect(request.head.path == "/readyz")
            #expect(request.parameters["SSL_CLIENT_VERIFY"] == nil)
        }

        @Test func failsWhereNobodyListens() async throws {
            try await withTemporaryDirectory { directory in
                let probe = FastCGIProbe(listener: try .unix(path: directory + "/nobody"))
                let error = #expect(throws: FastCGIError.self) { try probe.status(of: "/healthz") }
                #expect(error?.code == .system)
            }
        }

        @Test func failsWhereItIsNotLetIn() async throws {
            let journal = Journal()
            try await withServer(allowedUserIDs: [4_294_967_294], responder: journal.echo) { path in
                let probe = FastCGIProbe(listener: try .unix(path: path))
                await #expect(throws: FastCGIError.self) { try await onThread { try probe.status(of: "/healthz") } }
            }
            #expect(journal.count == 0)
        }

        @Test func cannotAskASocketWithoutAnAddress() {
            let error = #expect(throws: FastCGIError.self) {
                try FastCGIProbe(listener: .inherited()).status(of: "/healthz")
            }
            #expect(error?.code == .invalidListener)
        }
    }
}
