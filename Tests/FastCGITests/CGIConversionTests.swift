import HTTPTypes
import Testing

@testable import FastCGI

@Suite struct CGIConversionTests {
    private func head(_ pairs: (String, String)...) throws -> HTTPRequest {
        try HTTPRequest(cgiParameters: pairs.map { CGIParameter(name: $0.0, value: $0.1) })
    }

    @Test func takesThePathAsItWasSent() throws {
        let head = try head(("REQUEST_METHOD", "PATCH"), ("REQUEST_URI", "/a%2F..//b?x=%00&é"))
        #expect(head.path == "/a%2F..//b?x=%00&é")
        #expect(head.method == .patch)
    }

    @Test func turnsParametersIntoFields() throws {
        let head = try head(
            ("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/"), ("HTTP_X_REQUEST_ID", "abc"), ("HTTP_X_REQUEST_ID", "def"),
            ("CONTENT_TYPE", "text/plain"), ("HTTP_CONTENT_TYPE", "text/html"), ("HTTP_CONTENT_LENGTH", "7"),
            ("HTTP_HOST", "tools.example"), ("SSL_CLIENT_VERIFY", "SUCCESS"), ("HTTPS", "on"))
        let name = try #require(HTTPField.Name("x-request-id"))
        #expect(head.headerFields[values: name] == ["abc", "def"])
        #expect(head.headerFields[values: .contentType] == ["text/plain"])
        #expect(head.authority == "tools.example")
        #expect(head.headerFields.count == 3)
    }

    @Test func parametersAreTheWebServersAloneAndTheFirstOfANameCounts() throws {
        let pairs = [
            ("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/"), ("HTTP_SSL_CLIENT_VERIFY", "SUCCESS"),
            ("HTTP_SSL_CLIENT_S_DN", "CN=demo"), ("REMOTE_ADDR", "192.0.2.1"), ("REMOTE_ADDR", "192.0.2.2"),
        ]
        let request = try FastCGIRequest(
            cgiParameters: pairs.map { CGIParameter(name: $0.0, value: $0.1) }, body: [],
            records: RequestRecords(id: 1), bodyLimit: 100, isOverloaded: false, beginWait: {})
        #expect(request.parameters["REQUEST_METHOD"] == "GET")
        #expect(request.parameters["REMOTE_ADDR"] == "192.0.2.1")
        for absent in ["HTTP_SSL_CLIENT_VERIFY", "SSL_CLIENT_VERIFY", "HTTP_SSL_CLIENT_S_DN", "SSL_CLIENT_S_DN", ""] {
            #expect(request.parameters[absent] == nil)
        }
    }

    @Test(
        arguments: [
            ("HTTP_", true), ("HTTP_X", true), ("HTTP", false), ("HTTPS", false), ("http_x", false), ("X_HTTP_", false),
            ("", false),
        ])
    func aNameThatBeginsWithHTTPIsAClientsField(_ name: String, _ isField: Bool) {
        #expect(CGIParameter(name: name, value: "x").isHeaderField == isField)
        #expect(CGIParameters([(name, "x")])[name] == (isField ? nil : "x"))
    }

    @Test func leavesOutFieldsThatHTTPDoesNotAllow() throws {
        let head = try head(
            ("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/"), ("HTTP_", "x"), ("HTTP_A(B", "x"), ("HTTP_X", "a\r\nY: b"),
            ("HTTP_OK", "\u{FFFD}"), ("CONTENT_TYPE", "a\nb"))
        #expect(head.headerFields.map(\.name.canonicalName) == ["x", "ok"])
    }

    /// A field that was left out could be the precondition of a write.
    @Test(arguments: [("\"1\u{1}\"", "\"1 \""), ("a\r\nY: b", "a  Y: b"), ("\u{7F}", ""), ("", "")])
    func keepsAFieldWhoseValueHTTPDoesNotAllow(_ value: String, _ read: String) throws {
        let head = try head(("REQUEST_METHOD", "POST"), ("REQUEST_URI", "/"), ("HTTP_IF_MATCH", value))
        #expect(head.headerFields[.ifMatch] == read)
    }

    @Test(arguments: ["", "GE T", "GET\r\n", "G\u{0}"])
    func refusesWhatIsNoMethod(_ method: String) {
        #expect(throws: CGIFault.method) { try head(("REQUEST_METHOD", method), ("REQUEST_URI", "/")) }
    }

    @Test(arguments: ["", "/a b", "/a\r\nX: y", "/\u{7F}", "/\u{1}"])
    func refusesWhatIsNoPath(_ path: String) {
        #expect(throws: CGIFault.path) { try head(("REQUEST_METHOD", "GET"), ("REQUEST_URI", path)) }
    }

    @Test func refusesAnEnvironmentWithoutMethodOrPath() {
        #expect(throws: CGIFault.method) { try head(("REQUEST_URI", "/")) }
        #expect(throws: CGIFault.path) { try head(("REQUEST_METHOD", "GET")) }
    }

    @Test(
        arguments: [
            ("3", 3, .success([1, 2, 3])),
            ("", 0, .success([])),
            ("0", 0, .success([])),
            ("003", 3, .success([1, 2, 3])),
            ("2", 3, .failure(.incomplete(announced: 2, received: 3))),
            ("4", 3, .failure(.incomplete(announced: 4, received: 3))),
            ("", 3, .failure(.invalidLength(""))),
            ("-1", 0, .failure(.invalidLength("-1"))),
            ("+3", 3, .failure(.invalidLength("+3"))),
            ("3 ", 3, .failure(.invalidLength("3 "))),
            ("0x3", 3, .failure(.invalidLength("0x3"))),
            ("٣", 3, .failure(.invalidLength("٣"))),
            ("99999999999999999999", 3, .failure(.invalidLength("99999999999999999999"))),
            ("9223372036854775807", 3, .failure(.tooLarge(limit: 100))),
            ("101", 3, .failure(.tooLarge(limit: 100))),
            ("101", 101, .failure(.tooLarge(limit: 100))),
            ("3", 101, .failure(.tooLarge(limit: 100))),
        ] as [(String, Int, Result<[UInt8], BodyFault>)])
    func holdsTheBodyAgainstItsLength(_ announced: String, _ received: Int, _ expected: Result<[UInt8], BodyFault>) {
        let body: [UInt8] = received == 3 ? [1, 2, 3] : []
        #expect(
            BodyFault.check(body, received: received, announced: announced, limit: 100, isTimedOut: false) == expected)
    }

    @Test func saysThatABodyDidNotEndInTime() {
        #expect(
            BodyFault.check([], received: 3, announced: "5", limit: 100, isTimedOut: true) == .failure(.timedOut))
    }

    @Test func writesOneHeadWhateverTheFieldsHold() throws {
        let evil = "a\r\nStatus: 500\r\n\r\n<html>\n\u{0}"
        var fields = HTTPFields()
        fields[.location] = evil
        fields[.contentType] = "text/plain"
        let head = HTTPResponse(status: HTTPResponse.Status(code: 201, reasonPhrase: evil), headerFields: fields)
        let text = String(decoding: FastCGIResponse(head: head).cgiHead, as: UTF8.self)
        let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
        #expect(lines.count == 5)
        #expect(lines[0].hasPrefix("Status: 201 a"))
        #expect(lines[1].hasPrefix("location: a") || lines[1].hasPrefix("Location: a"))
        #expect(lines[3].isEmpty && lines[4].isEmpty)
        #expect(!lines.dropLast(2).contains { $0.contains("\n") || $0.contains("\r") || $0.contains("\0") })
    }
}
