public import HTTPTypes

/// What goes back to the web server.
public struct FastCGIResponse: Sendable {
    /// Status and header fields, sent as they are: no field is added, Content-Length neither.
    public var head: HTTPResponse
    /// The body, sent as it is; a response to HEAD has none.
    public var body: [UInt8]

    /// A response.
    public init(head: HTTPResponse, body: [UInt8] = []) {
        self.head = head
        self.body = body
    }
}
