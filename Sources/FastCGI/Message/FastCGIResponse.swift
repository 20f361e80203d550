public import HTTPTypes

/// What goes back to the web server.
public struct FastCGIResponse: Sendable {
    /// Writes the body of a response piece by piece, and returns at its end.
    ///
    /// It is called once, after the status and the fields are sent; also when the peer is gone by then, so that it can finish
    /// what the responder began. Its task is cancelled when the peer is gone and when the server stops; in the latter case
    /// what it still writes is sent. If it throws, the response is marked as incomplete: nginx breaks off the client's
    /// connection.
    public typealias Stream = @Sendable (_ writer: inout FastCGIBodyWriter) async throws -> Void

    /// The body, sent as it is; a response to HEAD has none.
    public enum Body: Sendable {
        /// All of it.
        case bytes([UInt8])
        /// Whatever the stream writes, sent as it comes.
        case stream(Stream)
    }

    /// Status and header fields, sent as they are: no field is added, Content-Length neither.
    public var head: HTTPResponse
    /// The body.
    public var body: Body

    /// A response whose body is there.
    public init(head: HTTPResponse, body: [UInt8] = []) {
        self.head = head
        self.body = .bytes(body)
    }

    /// A response whose body is written piece by piece.
    public init(head: HTTPResponse, stream: @escaping Stream) {
        self.head = head
        body = .stream(stream)
    }
}

extension FastCGIResponse {
    /// The head as CGI writes it (RFC 3875, section 6): a `Status` line, the fields, an empty line.
    ///
    /// Names, values and reason phrases of HTTPTypes cannot hold a line end, so none of them can begin a field of its own.
    var cgiHead: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256)
        bytes.append("Status: \(head.status.code) \(head.status.reasonPhrase)\r\n")
        for field in head.headerFields {
            bytes.append(field.name.rawName)
            bytes.append(": ")
            field.withUnsafeBytesOfValue { bytes += $0 }
            bytes.append("\r\n")
        }
        bytes.append("\r\n")
        return bytes
    }
}

extension [UInt8] {
    /// Appends a string's bytes in one piece; `+=` of its `utf8` takes several times as long for short ones.
    fileprivate mutating func append(_ string: String) {
        var string = string
        string.withUTF8 { append(contentsOf: $0) }
    }
}
